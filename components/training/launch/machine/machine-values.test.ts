import { describe, expect, it } from 'vitest'
import { deployOptions } from '#lib/training/launchers/deploy-requests.types.ts'
import { trainingProviders } from '#lib/training/training-config.types.ts'
import { firstValues, launchOf, launchSchema } from '../launch-values.ts'
import {
  estimatedMachine,
  firstMachineValues,
  machineFieldPath,
  machineProblems,
  machineValuesOfJob,
  optionsOf,
} from './machine-values.ts'

const dataset_id = '2b1c7a52-0c5e-4a0e-9d3a-0f6f4f2f8a11'
const values = launchSchema.parse({
  ...firstValues,
  name: 'a',
  provider: 'runpod',
  datasets: [{ dataset_id, weight: 1 }],
})

describe('the fields of each provider', () => {
  it('begin as the deploy call begins, and are taken by it', () => {
    for (const provider of trainingProviders) {
      const sent = optionsOf(provider, firstMachineValues[provider], null)
      expect(deployOptions[provider].strict().parse(sent)).toEqual(deployOptions[provider].parse({}))
      expect(machineProblems(provider, firstMachineValues)).toEqual([])
    }
  })

  it('name the chosen machine, else the one that the estimate chose', () => {
    expect(optionsOf('lambda', firstMachineValues.lambda, 'gpu_1x_a10')).toEqual({
      instance_type: 'gpu_1x_a10',
    })
    const chosen = { ...firstMachineValues.runpod, machines: ['A', 'B'] }
    expect(optionsOf('runpod', chosen, 'C')).toMatchObject({ gpu_type: ['A', 'B'] })
    const one = { ...firstMachineValues.huggingface, machines: ['l4x1'] }
    expect(optionsOf('huggingface', one, null)).toMatchObject({ flavor: 'l4x1' })
  })

  it('tell the estimate of a disk where every machine has as much as was asked for', () => {
    const runpod = { ...firstMachineValues.runpod, volume_size_gb: 75 }
    expect(estimatedMachine('runpod', { ...firstMachineValues, runpod }).volume_size_gb).toBe(75)
    // Of SageMaker's types many bring a disk of their own, and the field counts for the others.
    expect(estimatedMachine('sagemaker', firstMachineValues).volume_size_gb).toBeUndefined()
  })

  it('say a wait in seconds, and only with spot instances', () => {
    const waiting = { ...firstMachineValues.sagemaker, max_wait_minutes: 90 }
    expect(optionsOf('sagemaker', waiting, null)).not.toHaveProperty('max_wait_seconds')
    expect(optionsOf('sagemaker', { ...waiting, use_spot_instances: true }, null)).toMatchObject({
      max_wait_seconds: 5400,
    })
  })

  it('come back from a job as they went', () => {
    const asked = [
      ['runpod', { ...firstMachineValues.runpod, machines: ['A', 'B'], gpu_count: 2 }],
      ['lambda', { machines: ['gpu_1x_a10'], regions: 'us-east-1, us-west-2' }],
      [
        'sagemaker',
        {
          ...firstMachineValues.sagemaker,
          machines: ['ml.g5.xlarge'],
          use_spot_instances: true,
          max_wait_minutes: 90,
        },
      ],
      ['huggingface', { machines: ['l4x1'], docker_image: 'a/b:c' }],
      ['colab', { machines: ['L4'] }],
    ] as const
    for (const [provider, entered] of asked) {
      const options = optionsOf(provider, entered as never, null)
      expect(machineValuesOfJob({ provider, options })[provider]).toEqual(entered)
    }
  })

  it('begin anew for a job whose options nobody can read', () => {
    const values = machineValuesOfJob({ provider: 'runpod', options: { gpu_count: 'many' } })
    expect(values).toEqual(firstMachineValues)
  })

  it('are told where they are wrong', () => {
    const wrong = {
      ...firstMachineValues,
      runpod: { ...firstMachineValues.runpod, gpu_count: 9, docker_image: 'no image' },
    }
    expect(machineProblems('runpod', wrong).map(({ path }) => path.join('.'))).toEqual([
      'machine.runpod.gpu_count',
      'machine.runpod.docker_image',
    ])
    expect(machineProblems('lambda', wrong)).toEqual([])
  })
})

describe('machineFieldPath', () => {
  it.each([
    ['runpod', 'gpu_type', 'machine.runpod.machines'],
    ['runpod', 'gpu_type.1', 'machine.runpod.machines'],
    ['sagemaker', 'max_wait_seconds', 'machine.sagemaker.max_wait_minutes'],
    ['sagemaker', 'training_image_uri', 'machine.sagemaker.training_image_uri'],
    ['lambda', 'region', 'machine.lambda.regions'],
    ['lambda', 'gpu_type', null],
  ] as const)('%s: %s is shown at %s', (provider, field, path) => {
    expect(machineFieldPath(provider, field)).toBe(path)
  })
})

describe('launchOf', () => {
  it('says nothing of what was left empty', () => {
    expect(launchOf(values, null)).toEqual({
      name: 'a',
      allow_cross_storage: false,
      ...optionsOf('runpod', firstMachineValues.runpod, null),
    })
  })

  it('says limits in the units of the call, and names variables once', () => {
    const limited = {
      ...values,
      budget_limit: 8,
      max_runtime_minutes: 90,
      detached: true,
      environment: [
        { name: 'HF_TOKEN', value: 'hf_x' },
        { name: '', value: '' },
      ],
    }
    expect(launchOf(limited, 'A')).toMatchObject({
      gpu_type: 'A',
      budget_limit: 8,
      max_runtime_seconds: 5400,
      detached: true,
      environment_variables: { HF_TOKEN: 'hf_x' },
    })
  })
})

describe('where the result goes', () => {
  const hub = { place: 'huggingface', repository: 'me/adapter', token: 'hf_write' } as const
  const lines = [{ name: 'WANDB_API_KEY', value: 'w' }]

  it('is a store that the call names, or a repository that the machine is told of', () => {
    expect(launchOf({ ...values, result: { ...hub, place: 's3' } }, null)).toMatchObject({
      artifact_storage_provider: 's3',
    })
    const sent = launchOf({ ...values, result: hub, environment: lines }, null)
    expect(sent).not.toHaveProperty('artifact_storage_provider')
    expect(sent).toMatchObject({
      environment_variables: { WANDB_API_KEY: 'w', HF_REPO_ID: 'me/adapter', HF_TOKEN: 'hf_write' },
    })
  })

  it('is no store of ours where the machine cannot send us anything', () => {
    const sent = launchOf({ ...values, detached: true, result: { ...hub, place: 's3' } }, null)
    expect(sent).not.toHaveProperty('artifact_storage_provider')
  })

  it('is the place of a provider that keeps its own, whatever was chosen for another', () => {
    for (const provider of ['local', 'sagemaker'] as const) {
      const sent = launchOf({ ...values, provider, result: hub }, null)
      expect(sent).not.toHaveProperty('artifact_storage_provider')
      expect(sent).not.toHaveProperty('environment_variables')
    }
  })
})

describe('what is typed in', () => {
  it.each([
    [{ budget_limit: 0 }, 'budget_limit'],
    [{ max_runtime_minutes: 1.5 }, 'max_runtime_minutes'],
    [{ environment: [{ name: 'JOB_TOKEN', value: 'x' }] }, 'environment.0.name'],
    [{ environment: [{ name: '2X', value: '' }] }, 'environment.0.name'],
    [
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      'environment.1.name',
    ],
  ])('%j is refused at %s', (change, path) => {
    const refused = launchSchema.safeParse({ ...values, ...change })
    expect(refused.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
