import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DatasetStatistics } from '#lib/training/dataset.types.ts'
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import {
  defaultHyperparameters,
  type Hyperparameters,
  trainers,
  trainingMethods,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { estimateSchema } from './estimate.types.ts'
import { estimateCost } from './estimate-cost.ts'
import type { EstimateQuestion } from './estimate-question.ts'
import { listedMachines } from './price-table.ts'

type DatasetOfQuestion = EstimateQuestion['datasets'][number]

const bounds = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072]

function statistics(
  rows: number,
  charactersPerRow: number,
  changes: Partial<DatasetStatistics> = {},
): DatasetStatistics {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  const bucket = bounds.findIndex((bound) => charactersPerRow <= bound)
  counts[bucket < 0 ? bounds.length : bucket] = rows
  return {
    rows,
    characters: rows * charactersPerRow,
    turns: rows * 2,
    roles: { user: rows, assistant: rows },
    avg_input_length: charactersPerRow / 2,
    avg_output_length: charactersPerRow / 2,
    longest_row_characters: charactersPerRow,
    multimodal_parts: 0,
    length_histogram: { bounds, counts },
    ...changes,
  }
}

function dataset(
  rows = 10_000,
  charactersPerRow = 800,
  changes: Partial<DatasetOfQuestion> = {},
): DatasetOfQuestion {
  return {
    name: 'data',
    weight: 1,
    totalExamples: rows,
    storedBytes: Math.ceil((rows * charactersPerRow) / 4),
    rawBytes: rows * (charactersPerRow + 80),
    statistics: statistics(rows, charactersPerRow),
    storageProvider: 'supabase',
    ...changes,
  }
}

function offer(
  id: string,
  gpu: string,
  usdPerHour: number | null,
  changes: Partial<MachineOffer> = {},
): MachineOffer {
  return {
    id,
    label: id,
    gpu: { name: gpu, count: 1, memoryGib: null },
    usdPerHour,
    pricedAt: '2026-11-24T10:00:00.000Z',
    priceSource: 'provider',
    stock: 'high',
    regions: [],
    ...changes,
  }
}

const offers = [
  offer('a100', 'NVIDIA A100 80GB PCIe', 1.4),
  offer('4090', 'NVIDIA GeForce RTX 4090', 0.7),
  offer('t4', 'Tesla T4', 0.4),
  offer('h100', 'NVIDIA H100 80GB HBM3', 2.7),
]

interface Changes extends Partial<Omit<EstimateQuestion, 'config'>> {
  hyperparameters?: Partial<Hyperparameters>
  config?: Partial<EstimateQuestion['config']>
}

function question({ hyperparameters, config, ...changes }: Changes = {}): EstimateQuestion {
  return {
    provider: 'runpod',
    config: {
      base_model: 'Qwen/Qwen2.5-7B-Instruct',
      method: 'sft',
      trainer: 'trl',
      hyperparameters: { ...defaultHyperparameters, ...hyperparameters },
      ...config,
    },
    datasets: [dataset()],
    offers,
    machine: 'a100',
    machineCount: 1,
    volumeGb: null,
    spot: false,
    measured: [],
    now: new Date('2026-11-24T12:00:00Z'),
    ...changes,
  }
}

const estimate = (changes?: Changes) => estimateCost(question(changes))
const partOf = (result: ReturnType<typeof estimate>, what: string) =>
  result.parts.find((part) => part.what === what)!

describe('a usual training', () => {
  test('of 10,000 conversations on an A100 is some hours and some dollars', () => {
    const result = estimate()
    // 10,000 x 800 characters x 3 epochs = 24 M characters: 5 to 8 M tokens.
    expect(result.tokens.low).toBeGreaterThan(5e6)
    expect(result.tokens.high).toBeLessThan(9e6)
    expect(result.hours.low).toBeGreaterThan(0.1)
    expect(result.hours.high).toBeLessThan(6)
    expect(result.usd!.low).toBeGreaterThan(0.2)
    expect(result.usd!.high).toBeLessThan(9)
    expect(result.suggested_budget_usd).toBeGreaterThan(result.usd!.high)
    expect(result.suggested_max_runtime_seconds).toBeGreaterThan(result.hours.high * 3600)
  })

  test('is the sum of its parts', () => {
    const { parts, hours, usd } = estimate()
    const sum = (pick: (part: (typeof parts)[number]) => number) =>
      parts.reduce((total, part) => total + pick(part), 0)
    expect(sum(({ hours: part }) => part.high)).toBeCloseTo(hours.high, 2)
    expect(sum(({ usd: part }) => part!.high)).toBeCloseTo(usd!.high, 1)
    expect(parts.map(({ what }) => what)).toEqual([
      'start_up',
      'model_download',
      'dataset_download',
      'training',
      'egress',
    ])
  })

  test('says in words what it stands on', () => {
    const text = estimate().assumptions.join('\n')
    expect(text).toContain('10,000 rows an epoch, 3 epochs')
    expect(text).toContain('about 7 billion parameters')
    expect(text).toContain('not measured')
    expect(text).toContain('$1.4 an hour, as RunPod told on 2026-11-24')
    expect(text).toContain('$0.09 a GB')
    expect(estimate().price).toEqual({ source: 'provider', at: '2026-11-24T10:00:00.000Z' })
  })
})

describe('nothing that costs is called free', () => {
  test.each(trainingMethods)('%s with averages of 0', (method) => {
    const zero = { avg_input_length: 0, avg_output_length: 0 }
    const data = dataset(2_000, 900, { statistics: statistics(2_000, 900, zero) })
    const { usd, tokens } = estimate({ datasets: [data], config: { method } })
    expect(tokens.low).toBeGreaterThan((2_000 * 900) / 5)
    expect(usd!.low).toBeGreaterThan(0.01)
  })

  test.each([
    ['no statistics', { statistics: null }],
    ['nothing but a number of rows', { statistics: null, rawBytes: null, storedBytes: 0 }],
    ['statistics that counted nothing', { statistics: statistics(10_000, 0) }],
  ])('%s', (_, changes) => {
    const { usd, tokens } = estimate({ datasets: [dataset(10_000, 800, changes)] })
    expect(tokens.low).toBeGreaterThanOrEqual(10_000 * 8 * 3)
    expect(usd!.low).toBeGreaterThan(0)
  })

  test('a dataset that nobody counted is named', () => {
    expect(estimate({ datasets: [dataset(10, 10, { statistics: null })] }).warnings.join()).toContain(
      'The text of data was not counted',
    )
  })

  test('a training of a minute costs a cent at least', () => {
    const { usd } = estimate({ datasets: [dataset(1, 1)], hyperparameters: { max_steps: 1 } })
    expect(usd!.low).toBeGreaterThanOrEqual(0.01)
  })
})

describe('tokens', () => {
  test('grow with epochs and weights, and steps take the place of epochs', () => {
    const one = estimate({ hyperparameters: { epochs: 1 } }).tokens
    expect(estimate({ hyperparameters: { epochs: 4 } }).tokens.high).toBeCloseTo(one.high * 4, -2)
    expect(
      estimate({ hyperparameters: { epochs: 1 }, datasets: [dataset(10_000, 800, { weight: 2 })] }).tokens
        .high,
    ).toBeCloseTo(one.high * 2, -2)
    // 625 steps of 4 x 4 rows are the 10,000 rows once.
    expect(estimate({ hyperparameters: { max_steps: 625, epochs: 50 } }).tokens.high).toBeCloseTo(
      one.high,
      -2,
    )
  })

  test('of a number of steps are so many batches on each GPU', () => {
    const four = offer('4xa100', 'NVIDIA A100 80GB PCIe', 5.6, {
      gpu: { name: 'NVIDIA A100 80GB PCIe', count: 4, memoryGib: null },
    })
    const on = (machine: string) =>
      estimate({ machine, offers: [...offers, four], hyperparameters: { max_steps: 100 } }).tokens.high
    expect(on('4xa100') / on('a100')).toBeCloseTo(4, 2)
  })

  test('of rows beyond the context are cut, dropped, or all there, as the training says', () => {
    const data = [dataset(1_000, 60_000)]
    const cut = estimate({ datasets: data, hyperparameters: { max_seq_length: 2048 } })
    const drop = estimate({ datasets: data, hyperparameters: { max_seq_length: 2048, long_rows: 'drop' } })
    const whole = estimate({ datasets: data, hyperparameters: { max_seq_length: 2048, long_rows: 'fail' } })
    expect(cut.tokens.high).toBeLessThan(1_000 * 3 * 3_500)
    expect(drop.tokens.high).toBeLessThan(cut.tokens.high)
    expect(whole.tokens.low).toBeGreaterThan(cut.tokens.high)
    expect(cut.warnings.join()).toContain('Up to 1,000 rows are longer than 2,048 tokens and will be cut')
    expect(drop.warnings.join()).toContain('left out')
  })

  test('are more for scripts of which each character is one or more', () => {
    const chinese = dataset(10_000, 800, { rawBytes: 10_000 * (800 * 3 + 80) })
    expect(estimate({ datasets: [chinese] }).tokens.low).toBeGreaterThan(estimate().tokens.low * 1.8)
  })

  test('of a preference go through the model for both answers', () => {
    expect(estimate({ config: { method: 'dpo' } }).tokens.high).toBeGreaterThan(estimate().tokens.high * 1.9)
    expect(estimate({ config: { method: 'dpo' } }).assumptions.join()).toContain('Both answers')
  })
})

describe('speed', () => {
  test('is what was measured, where this model was trained so on this machine', () => {
    const measured = [
      {
        baseModel: 'Qwen/Qwen2.5-7B-Instruct',
        method: 'sft' as const,
        machine: 'a100',
        gpuCount: 1,
        tokensPerSecond: 3_000,
      },
    ]
    const result = estimate({ measured })
    expect(result.throughput).toBe('measured')
    expect(result.tokens_per_second.low).toBeLessThan(3_000)
    expect(result.tokens_per_second.high).toBeGreaterThan(3_000)
    expect(result.assumptions.join()).toContain('as your earlier trainings')
    const width = ({ hours }: typeof result) => hours.high / hours.low
    expect(width(result)).toBeLessThan(width(estimate()))
  })

  test.each([
    ['another machine', { machine: 'h100' }],
    ['another model', { baseModel: 'Qwen/Qwen2.5-0.5B' }],
    ['another method', { method: 'dpo' as const }],
    ['another number of GPUs', { gpuCount: 8 }],
    ['no speed', { tokensPerSecond: 0 }],
  ])('of %s does not count', (_, changes) => {
    const one = {
      baseModel: 'Qwen/Qwen2.5-7B-Instruct',
      method: 'sft' as const,
      machine: 'a100',
      gpuCount: 1,
      tokensPerSecond: 3_000,
      ...changes,
    }
    expect(estimate({ measured: [one] }).throughput).toBe('stated')
  })

  test('is higher with a better GPU, a smaller model, LoRA, and two GPUs; lower with checkpoints and 4 bits', () => {
    const speed = (changes?: Changes) => estimate(changes).tokens_per_second.high
    expect(speed({ machine: 'h100' })).toBeGreaterThan(speed())
    expect(speed({ config: { base_model: 'Qwen/Qwen2.5-1.5B' } })).toBeGreaterThan(speed())
    expect(speed()).toBeGreaterThan(speed({ hyperparameters: { lora: null } }))
    expect(speed({ machineCount: 2 })).toBeGreaterThan(speed() * 1.5)
    expect(speed({ machineCount: 2 })).toBeLessThan(speed() * 2)
    expect(speed({ hyperparameters: { gradient_checkpointing: false } })).toBeGreaterThan(speed())
    expect(speed({ hyperparameters: { load_in_4bit: true } })).toBeLessThan(speed())
  })

  test('of a 7B model with LoRA on an A100 lies where people have seen it', () => {
    // Reports for such trainings go from about 1,500 to 6,000 tokens a second.
    const { low, high } = estimate().tokens_per_second
    expect(low).toBeLessThan(2_000)
    expect(high).toBeGreaterThan(2_500)
    expect(high).toBeLessThan(8_000)
  })
})

describe('price', () => {
  test('two machines cost twice an hour', () => {
    expect(estimate({ machineCount: 2 }).usd_per_hour).toBe(2.8)
  })

  test('of the shipped table is taken where the provider tells none, and said to be', () => {
    const silent = [offer('NVIDIA L40S', 'NVIDIA L40S', null, { pricedAt: null })]
    const result = estimate({ offers: silent, machine: 'NVIDIA L40S' })
    expect(result).toMatchObject({
      usd_per_hour: 1.09,
      price: { source: 'table', at: '2026-09-25T00:00:00.000Z' },
    })
    expect(result.assumptions.join()).toContain('from the table that we ship')
  })

  test('that nobody knows is not invented', () => {
    const result = estimate({ offers: [offer('new', 'NVIDIA B200', null)], machine: 'new' })
    expect(result).toMatchObject({
      usd: null,
      usd_per_hour: null,
      price: null,
      suggested_budget_usd: null,
      cheaper: [],
    })
    expect(result.parts.find(({ what }) => what === 'training')!.usd).toBeNull()
    expect(result.hours.high).toBeGreaterThan(0)
    expect(result.assumptions.join()).toContain('Nobody tells a price')
  })

  test('that is old is said to be', () => {
    const old = [offer('a100', 'A100', 1, { pricedAt: '2026-06-01T00:00:00.000Z' })]
    expect(estimate({ offers: old }).warnings.join()).toContain('The price is from 2026-06-01')
    expect(estimate().warnings.join()).not.toContain('The price is from')
  })

  test('of spot is a share of it where there is spot, and the full one elsewhere', () => {
    const aws = {
      provider: 'sagemaker' as const,
      offers: listedMachines('sagemaker'),
      machine: 'ml.g5.xlarge',
      datasets: [dataset(10_000, 800, { storageProvider: 's3' })],
    }
    const full = estimate(aws)
    const spot = estimate({ ...aws, spot: true })
    expect(spot.usd!.low).toBeLessThan(full.usd!.low * 0.5)
    expect(spot.hours.high).toBeGreaterThan(full.hours.high)
    expect(estimate({ spot: true }).usd).toEqual(estimate().usd)
    expect(estimate({ spot: true }).warnings.join()).toContain('no spot machines')
  })
})

describe('downloads and egress', () => {
  test('are paid: the data at the price of the machine, and on its way out of the store', () => {
    const big = estimate({ datasets: [dataset(1_000_000, 4_000)] })
    expect(partOf(big, 'dataset_download').usd!.high).toBeGreaterThan(0.03)
    expect(partOf(big, 'egress').usd).toEqual({ low: 0, high: 0.09 })
    expect(partOf(big, 'model_download').hours.low).toBeGreaterThan(0)
  })

  test('within a region, and from a disk to the machine that it is in, cost nothing', () => {
    const s3 = [dataset(1_000_000, 4_000, { storageProvider: 's3' })]
    expect(partOf(estimate({ provider: 'sagemaker', offers: [], datasets: s3 }), 'egress').usd!.high).toBe(0)
    expect(partOf(estimate({ datasets: s3 }), 'egress').usd!.high).toBeGreaterThan(0)
    const local = estimate({
      provider: 'local',
      offers: [],
      machine: null,
      datasets: [dataset(10, 10, { storageProvider: 'local' })],
    })
    expect(partOf(local, 'egress').usd!.high).toBe(0)
    expect(partOf(local, 'dataset_download').hours.high).toBe(0)
  })
})

describe('machines', () => {
  test('without a choice the cheapest that it fits on and that is in stock is taken', () => {
    expect(
      estimate({
        machine: null,
        config: { base_model: 'Qwen/Qwen2.5-0.5B' },
        hyperparameters: { batch_size: 1 },
      }).machine,
    ).not.toBe('h100')
    // 72 billion parameters fit nowhere here but in 4 bits on 80 GiB.
    const large = {
      config: { base_model: 'Qwen/Qwen2.5-72B' },
      hyperparameters: { load_in_4bit: true, batch_size: 1 },
    }
    expect(['a100', 'h100']).toContain(estimate({ machine: null, ...large }).machine)
    const empty = offers.map((one) => (one.id === 't4' ? one : { ...one, stock: 'none' as const }))
    expect(estimate({ machine: null, offers: empty, ...large }).machine).toBe('t4')
  })

  test.each([
    ['an adapter of a large model', 'Qwen/Qwen2.5-72B', {}, 140, 150],
    ['every weight of a small one, with what is kept of it', 'Qwen/Qwen2.5-7B', { lora: null }, 150, 170],
    ['a 4-bit training, whose model comes in 16 bits', 'Qwen/Qwen2.5-32B', { load_in_4bit: true }, 60, 70],
  ])('with a volume too small for %s are warned of', (_, base_model, hyperparameters, small, large) => {
    const warned = (volumeGb: number | null, trainer: 'trl' | 'smoke' = 'trl') =>
      estimate({ volumeGb, hyperparameters, config: { base_model, trainer } }).warnings.join()
    expect(warned(small)).toContain(`A volume of ${small} GB may be too small: ${base_model} takes about`)
    expect(warned(large)).not.toContain('volume')
    expect(warned(null)).not.toContain('volume')
    expect(warned(small, 'smoke')).not.toContain('volume')
  })

  test.each(['unsloth/Meta-Llama-3.1-70B-bnb-4bit', 'Qwen/Qwen2.5-72B-Instruct-AWQ', 'org/Model-70B-FP8'])(
    'are not doubted for %s, whose weights take fewer bits',
    (base_model) => {
      expect(estimate({ volumeGb: 50, config: { base_model } }).warnings.join()).not.toContain('volume')
    },
  )

  test('that are too small are warned of, and not offered as cheaper ones', () => {
    const result = estimate({ machine: 't4', config: { base_model: 'meta-llama/Llama-3.1-70B' } })
    expect(result.warnings.join()).toContain('does not fit into the 16 GiB of t4')
    expect(
      estimate({ machine: 'h100', config: { base_model: 'Qwen/Qwen2.5-14B' } }).cheaper.map(
        ({ machine }) => machine,
      ),
    ).not.toContain('t4')
  })

  test('that cost less for the whole training are named, cheapest first, at most three', () => {
    const { cheaper, usd } = estimate({
      machine: 'a100',
      config: { base_model: 'Qwen/Qwen2.5-0.5B' },
      hyperparameters: { batch_size: 1 },
      offers: [...offers, offer('dear', 'A100', 9)],
      datasets: [dataset()],
    })
    const fromDear = estimate({
      machine: 'dear',
      config: { base_model: 'Qwen/Qwen2.5-0.5B' },
      hyperparameters: { batch_size: 1 },
      offers: [...offers, offer('dear', 'A100', 9)],
    })
    expect(cheaper.every((one) => one.usd!.low + one.usd!.high < usd!.low + usd!.high)).toBe(true)
    expect(fromDear.cheaper).toHaveLength(3)
    const costs = fromDear.cheaper.map((one) => one.usd!.low + one.usd!.high)
    expect(costs).toEqual([...costs].sort((a, b) => a - b))
    expect(fromDear.cheaper.map(({ machine }) => machine)).not.toContain('dear')
  })

  test('out of stock are not recommended, and said to be so when chosen', () => {
    const soldOut = offers.map((one) => ({
      ...one,
      stock: one.id === '4090' ? ('none' as const) : one.stock,
    }))
    expect(
      estimate({ offers: soldOut, machine: 'h100' }).cheaper.map(({ machine }) => machine),
    ).not.toContain('4090')
    expect(estimate({ offers: soldOut, machine: '4090' }).warnings.join()).toContain('out of stock')
  })

  test('that are no longer there are said to be gone, and which was taken instead', () => {
    expect(estimate({ machine: 'rtx-gone' }).warnings.join()).toContain(
      'RunPod has no machine called rtx-gone now',
    )
  })

  test('of an unknown GPU widen the range and say so', () => {
    const odd = estimate({ offers: [offer('odd', 'Zeta 9', 1)], machine: 'odd' })
    expect(odd.warnings.join()).toContain('What GPU odd has is not known here')
    expect(odd.hours.high / odd.hours.low).toBeGreaterThan(estimate().hours.high / estimate().hours.low)
  })

  test('of the shipped list stand in where a provider could not be asked', () => {
    const result = estimate({ offers: [], machine: 'NVIDIA H200' })
    expect(result).toMatchObject({ machine: 'NVIDIA H200', price: { source: 'table' } })
  })
})

describe('what is odd is said', () => {
  test('the smoke test does its fixed work, needs no GPU, and costs a minute', () => {
    const here = {
      provider: 'local' as const,
      offers: [],
      machine: null,
      datasets: [dataset(100, 100, { storageProvider: 'local' })],
    }
    const smoke = estimate({ config: { trainer: 'smoke' }, ...here })
    expect(smoke.hours.high).toBeLessThan(0.05)
    expect(smoke).toMatchObject({ usd: { low: 0, high: 0 }, machine: null, warnings: [] })
  })

  test.each([
    ['a model without a size', { config: { base_model: 'acme/secret' } }, 'The size of the model is assumed'],
    ['a command', { config: { trainer: 'command' as const } }, 'may do anything'],
    ['no dataset', { datasets: [] }, 'No dataset is chosen yet'],
  ])('%s', (_, changes, words) => {
    expect(estimate(changes as Changes).warnings.join()).toContain(words)
  })
})

test('whatever is asked, the answer is whole: ranges in order, finite, and as its schema says', () => {
  const anyDataset = fc
    .record({
      rows: fc.nat(1e9),
      length: fc.nat(200_000),
      weight: fc.double({ min: 0.001, max: 1000, noNaN: true }),
      counted: fc.boolean(),
    })
    .map(({ rows, length, weight, counted }) =>
      dataset(rows, length, { weight, ...(counted ? {} : { statistics: null }) }),
    )
  fc.assert(
    fc.property(
      fc.constantFrom(...trainingProviders),
      fc.constantFrom(...trainingMethods),
      fc.constantFrom(...trainers),
      fc.constantFrom('a/b-7B', 'Mixtral-8x7B', 'x', 'm-0.0B', 'Qwen3-30B-A3B'),
      fc.array(anyDataset, { maxLength: 4 }),
      fc.boolean(),
      fc.option(fc.integer({ min: 1, max: 1e8 })),
      (provider, method, trainer, base_model, datasets, spot, max_steps) => {
        const result = estimateCost(
          question({
            provider,
            datasets,
            spot,
            machine: null,
            offers: listedMachines(provider),
            config: { base_model, method, trainer },
            hyperparameters: { max_steps },
          }),
        )
        expect(() => estimateSchema.parse(result)).not.toThrow()
        const ranges = [
          result.hours,
          result.tokens,
          result.tokens_per_second,
          ...(result.usd ? [result.usd] : []),
          ...result.parts.flatMap(({ hours, usd }) => (usd ? [hours, usd] : [hours])),
        ]
        for (const { low, high } of ranges) {
          expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true)
          expect(low).toBeLessThanOrEqual(high)
        }
      },
    ),
    { numRuns: 150 },
  )
})
