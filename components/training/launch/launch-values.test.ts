import { describe, expect, it } from 'vitest'
import { hyperparametersSchema, trainers, trainingMethods } from '#lib/training/training-config.types.ts'
import { choiceFields, loraFields, numberFields, switchFields } from './hyperparameter-catalog.ts'
import { LaunchKey } from './launch-key.ts'
import { firstValues, launchSchema, nextName } from './launch-values.ts'
import { presetHyperparameters, presetOf, presets } from './presets.ts'
import { suggestedName, summaryWords } from './summary-words.ts'

const dataset_id = '2b1c7a52-0c5e-4a0e-9d3a-0f6f4f2f8a11'

describe('launchSchema', () => {
  it('needs nothing but a name and a dataset beyond what the form begins with', () => {
    expect(launchSchema.safeParse(firstValues).success).toBe(false)
    expect(
      launchSchema.safeParse({ ...firstValues, name: 'a', datasets: [{ dataset_id, weight: 1 }] }).success,
    ).toBe(true)
  })

  it('asks for the command of a trainer that runs one', () => {
    const refused = launchSchema.safeParse({
      ...firstValues,
      name: 'a',
      trainer: 'command',
      datasets: [{ dataset_id, weight: 1 }],
    })
    expect(refused.error?.issues[0]?.path).toEqual(['hyperparameters', 'command'])
  })

  it('refuses 4 bits without LoRA, with the way out', () => {
    const refused = launchSchema.safeParse({
      ...firstValues,
      name: 'a',
      hyperparameters: { ...firstValues.hyperparameters, load_in_4bit: true, lora: null },
      datasets: [{ dataset_id, weight: 1 }],
    })
    expect(refused.error?.issues[0]).toMatchObject({
      path: ['hyperparameters', 'load_in_4bit'],
      message: expect.stringContaining('LoRA'),
    })
  })
})

describe('presets', () => {
  it('are within the bounds, for every method and trainer, and are recognised again', () => {
    for (const preset of presets)
      for (const method of trainingMethods)
        for (const trainer of trainers) {
          const settings = presetHyperparameters(preset, method, trainer)
          expect(hyperparametersSchema.parse(settings)).toEqual(settings)
          expect(presetOf(settings, method, trainer)).toBe(preset)
        }
  })

  it('are not recognised once something is changed', () => {
    const changed = { ...presetHyperparameters('balanced', 'sft', 'trl'), epochs: 4 }
    expect(presetOf(changed, 'sft', 'trl')).toBeNull()
  })
})

describe('the hyperparameter fields', () => {
  it('state the bounds of the schema', () => {
    const boundsOf = (label: string) =>
      [...numberFields, ...loraFields].find((field) => field.label === label)?.bounds
    expect(boundsOf('Epochs')).toBe('Above 0, at most 1,000.')
    expect(boundsOf('Batch size')).toBe('From 1 to 4,096.')
    expect(boundsOf('Dropout')).toBe('From 0 to 0.9.')
    expect(boundsOf('Step limit')).toBe('From 1 to 100,000,000.')
  })

  it('may be empty only where the schema says so', () => {
    expect(numberFields.filter((field) => field.optional).map((field) => field.label)).toEqual([
      'Beta',
      'Evaluate every',
      'Save every',
      'Step limit',
    ])
  })

  it('cover every hyperparameter, and offer every word that the schema takes and no other', () => {
    const paths = [...numberFields, ...switchFields, ...choiceFields].map(({ path }) => path)
    const elsewhere = ['lora', 'command', 'chat_template']
    expect(paths.map((path) => path.replace('hyperparameters.', '')).sort()).toEqual(
      Object.keys(hyperparametersSchema.shape)
        .filter((name) => !elsewhere.includes(name))
        .sort(),
    )
    for (const { path, options } of choiceFields) {
      const name = path.replace('hyperparameters.', '')
      for (const { value } of options)
        expect(hyperparametersSchema.safeParse({ [name]: value }).success).toBe(true)
      expect(hyperparametersSchema.safeParse({ [name]: 'another' }).success).toBe(false)
    }
  })
})

describe('LaunchKey', () => {
  it('stays while the form stays, and changes with it', () => {
    let made = 0
    const key = new LaunchKey(() => `key-${++made}`)
    expect(key.keyFor({ a: 1 })).toBe('key-1')
    expect(key.keyFor({ a: 1 })).toBe('key-1')
    expect(key.keyFor({ a: 2 })).toBe('key-2')
  })
})

describe('the words', () => {
  const input = {
    provider: 'local',
    method: 'sft',
    trainer: 'trl',
    baseModel: 'Qwen/Qwen2.5-0.5B',
    lora: true,
    epochs: 3,
    maxSteps: null,
    datasets: [{ name: 'support', total_examples: 152_985 }],
  } as const

  it('say what will be done', () => {
    expect(summaryWords(input)).toBe(
      'Fine-tune Qwen/Qwen2.5-0.5B with LoRA on 152,985 examples of “support” for 3 epochs on this machine.',
    )
    expect(summaryWords({ ...input, datasets: [], maxSteps: 100, provider: 'runpod' })).toBe(
      'Fine-tune Qwen/Qwen2.5-0.5B with LoRA on a dataset that you choose for at most 100 steps at RunPod.',
    )
  })

  it('name the machine, the range and the limit', () => {
    expect(
      summaryWords({
        ...input,
        provider: 'runpod',
        machine: 'A100 80 GB',
        estimate: { hours: { low: 2.1, high: 2.9 }, usd: { low: 3.9, high: 5.4 } },
        budget: 8,
      }),
    ).toBe(
      'Fine-tune Qwen/Qwen2.5-0.5B with LoRA on 152,985 examples of “support” for 3 epochs on A100 80 GB at RunPod, about 2.1 to 2.9 h and $3.90 to $5.40, stopped at $8.00.',
    )
  })

  it('do not claim that the smoke test trains the base model', () => {
    expect(summaryWords({ ...input, trainer: 'smoke' })).not.toContain('Qwen')
  })

  it('suggest a name', () => {
    expect(suggestedName(input)).toBe('Qwen2.5-0.5B on support')
    expect(suggestedName({ ...input, trainer: 'smoke', datasets: [] })).toBe('Smoke test')
  })

  it('number what is run again', () => {
    expect(nextName('Run')).toBe('Run 2')
    expect(nextName('Run 2')).toBe('Run 3')
    expect(nextName('x'.repeat(200))).toBe('x'.repeat(200))
  })
})
