import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'
import { createMemoryStorageService } from '#lib/storage/memory-storage-service.ts'
import type { CreateTrainingJob } from '#lib/training/launchers/sagemaker/api-types.ts'
import { createSageMakerLauncher } from '#lib/training/launchers/sagemaker/launcher.ts'
import { inspectionOf } from '#lib/training/launchers/sagemaker/mapper.ts'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import {
  type SageMakerDouble,
  startSageMakerDouble,
} from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import {
  s3Place,
  sampleAccess,
  sampleJob,
  sampleLaunch,
  sampleUser,
} from '#tests/support/providers/sample-launch.ts'

const deploymentId = 'dddddddd-1111-4000-8000-000000000000'
const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const role = 'arn:aws:iam::123456789012:role/finetunelab'
const double: SageMakerDouble = await startSageMakerDouble()
afterAll(() => double.close())

beforeEach(() => {
  double.jobs.clear()
  double.quotas.clear()
  double.faults.length = 0
  double.requests.length = 0
  double.accountId = '123456789012'
  double.plan = { steps: ['Starting', 'Pending', 'Downloading', 'Training'] }
})

function secret(aws: Record<string, unknown> = {}): OpenedSecret {
  return {
    provider: 'aws',
    apiKey: double.accessKeyId,
    metadata: {
      aws: {
        secret_access_key: secretKey,
        region: 'us-east-1',
        s3_bucket: 'data-of-mine',
        iam_role_arn: role,
        ...aws,
      },
    },
  }
}

function setup({
  aws,
  deployment = deploymentId,
  hasSecret = true,
}: {
  aws?: Record<string, unknown>
  deployment?: string
  hasSecret?: boolean
} = {}) {
  const bucket = createMemoryStorageService()
  const launcher = createSageMakerLauncher({
    deploymentId: deployment,
    secretOf: async () => (hasSecret ? secret(aws) : null),
    openBucket: async () => bucket,
    apiUrl: double.url,
    pollSeconds: 0.005,
    stopPatienceMilliseconds: 2_000,
  })
  const textOf = async (key: string) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of await bucket.getRange(key)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of bucket.list('')) found.push(key)
    return found.sort()
  }
  return { bucket, launcher, textOf, keys }
}

const sent = (operation: string) => double.requests.filter((request) => request.operation === operation)
const created = () => JSON.parse(sent('CreateTrainingJob').at(-1)!.body) as CreateTrainingJob
const problems = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (thrown: { kind: string; code: string; details: { field: string; message: string }[] }) => thrown,
  )
  expect(error).toMatchObject({ kind: 'invalid' })
  return error!.details
}

describe(`a launch (checked by the ${double.modelSource})`, () => {
  test('asks once, under the stamp, and answers by which name SageMaker knows it', async () => {
    const { launcher } = setup()
    const launch = sampleLaunch('sagemaker', {
      options: { instance_type: 'ml.g5.xlarge', volume_size_gb: 200 },
    })
    await expect(launcher.launch(launch, sampleAccess())).resolves.toEqual({
      providerRef: stampOf(deploymentId, launch.job.id),
      machine: { id: 'ml.g5.xlarge', usdPerHour: 1.408, region: 'us-east-1' },
    })
    expect(double.jobs.size).toBe(1)
    expect(created()).toMatchObject({
      RoleArn: role,
      ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 200 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      EnableManagedSpotTraining: false,
    })
  })

  test('mounts each dataset by a manifest that names that one object', async () => {
    const { launcher, textOf } = setup()
    const datasets = [s3Place(), s3Place()]
    await launcher.launch(sampleLaunch('sagemaker', { datasets }), sampleAccess())
    for (const { datasetId, key } of datasets) {
      const channel = created().InputDataConfig.find(({ ChannelName }) => ChannelName === datasetId)!
      const { S3DataType, S3Uri } = channel.DataSource.S3DataSource
      expect(S3DataType).toBe('ManifestFile')
      const manifest = JSON.parse(await textOf(S3Uri.replace('s3://data-of-mine/', ''))) as [
        { prefix: string },
        ...string[],
      ]
      const [{ prefix }, ...names] = manifest
      expect(names.map((name) => prefix + name)).toEqual([`s3://data-of-mine/${key}`])
    }
  })

  test('brings the runner in a folder that no other job shares', async () => {
    const { launcher, textOf } = setup()
    const launch = sampleLaunch('sagemaker')
    await launcher.launch(launch, sampleAccess())
    const code = created().InputDataConfig.find(({ ChannelName }) => ChannelName === 'code')!
    expect(code.DataSource.S3DataSource).toEqual({
      S3DataType: 'S3Prefix',
      S3Uri: `s3://data-of-mine/${sampleUser}/jobs/${launch.job.id}/code/`,
      S3DataDistributionType: 'FullyReplicated',
    })
    const runner = await textOf(`${sampleUser}/jobs/${launch.job.id}/code/finetunelab_runner.py`)
    expect(createHash('sha256').update(runner).digest('hex')).toBe(created().Environment.RUNNER_SHA256)
  })

  test('gives the job its own token, and sends neither a key nor a link', async () => {
    const { launcher, textOf, keys } = setup()
    const launch = sampleLaunch('sagemaker', { environment: { HF_HOME: '/tmp/hf' } })
    await launcher.launch(launch, sampleAccess())
    const [{ datasetId, key }] = launch.datasets as [(typeof launch.datasets)[number]]
    expect(created().Environment).toMatchObject({
      FINETUNELAB_URL: 'https://lab.example.org',
      JOB_ID: launch.job.id,
      JOB_TOKEN: sampleAccess().token,
      DATASET_URL: `file:///opt/ml/input/data/${datasetId}/${key.split('/').at(-1)}`,
      DATASET_SHA256: 'b'.repeat(64),
      HF_HOME: '/tmp/hf',
      EXPECT_GPU: '1',
    })
    const everything = [
      ...double.requests.map(({ body, headers }) => body + JSON.stringify(headers)),
      ...(await Promise.all((await keys()).map(textOf))),
    ].join('\n')
    for (const leak of [secretKey, 'signed-link', 'X-Amz-Signature=signed'])
      expect(everything).not.toContain(leak)
    // The access key's id is part of every signature, and of nothing else.
    expect(double.requests.map(({ body }) => body).join()).not.toContain(double.accessKeyId)
  })

  test('with spot names a wait that is long enough, and without it none', async () => {
    const { launcher } = setup()
    await launcher.launch(
      sampleLaunch('sagemaker', { options: { use_spot_instances: true } }),
      sampleAccess(),
    )
    expect(created()).toMatchObject({
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      CheckpointConfig: { LocalPath: '/opt/ml/checkpoints' },
    })
    const long = sampleLaunch('sagemaker', {
      options: { use_spot_instances: true },
      maxRuntimeSeconds: 2_419_200,
    })
    await launcher.launch(long, sampleAccess())
    expect(created().StoppingCondition.MaxWaitTimeInSeconds).toBe(2_419_200)
    await launcher.launch(sampleLaunch('sagemaker'), sampleAccess())
    expect(created().StoppingCondition).not.toHaveProperty('MaxWaitTimeInSeconds')
  })

  test('detached, brings the configuration as a file and takes one dataset', async () => {
    const { launcher, textOf } = setup()
    const launch = sampleLaunch('sagemaker')
    await launcher.launch(launch, sampleAccess({ baseUrl: null }))
    expect(created().Environment).not.toHaveProperty('FINETUNELAB_URL')
    expect(created().Environment).not.toHaveProperty('JOB_TOKEN')
    const config = await textOf(`${sampleUser}/jobs/${launch.job.id}/code/config.json`)
    expect(JSON.parse(config)).toMatchObject({ base_model: 'Qwen/Qwen2.5-0.5B' })
    const two = sampleLaunch('sagemaker', { datasets: [s3Place(), s3Place()] })
    expect(await problems(launcher.launch(two, sampleAccess({ baseUrl: null })))).toMatchObject([
      { field: 'detached' },
    ])
  })
})

describe('what SageMaker would refuse is refused before it is asked, by the name of its field', () => {
  const cases: [string, Partial<Parameters<typeof sampleLaunch>[1]>, string][] = [
    ['an instance type of another service', { options: { instance_type: 'g5.xlarge' } }, 'instance_type'],
    ['two instances', { options: { instance_count: 2 } }, 'instance_count'],
    ['a disk of no size', { options: { volume_size_gb: 0 } }, 'volume_size_gb'],
    [
      'a disk smaller than the data',
      { options: { volume_size_gb: 10 }, datasets: [s3Place({ sizeBytes: 20e9 })] },
      'volume_size_gb',
    ],
    ['a wait without spot', { options: { max_wait_seconds: 7200 } }, 'max_wait_seconds'],
    [
      'a wait shorter than the training',
      { options: { use_spot_instances: true, max_wait_seconds: 600 } },
      'max_wait_seconds',
    ],
    ['more than 28 days', { maxRuntimeSeconds: 2_419_201 }, 'max_runtime_seconds'],
    [
      'an image of another registry',
      { options: { training_image_uri: 'docker.io/library/python:3.12' } },
      'training_image_uri',
    ],
    [
      'an image of another region',
      { options: { training_image_uri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:b' } },
      'training_image_uri',
    ],
    [
      'an image address that is too long',
      { options: { training_image_uri: 'x'.repeat(256) } },
      'training_image_uri',
    ],
    [
      'a bucket of another region',
      { datasets: [s3Place({ location: { bucket: 'b', region: 'eu-west-1', endpoint: null } })] },
      'dataset_id',
    ],
    [
      'a dataset that is not on S3',
      { datasets: [s3Place({ location: { bucket: null, region: null, endpoint: null } })] },
      'dataset_id',
    ],
    ['more datasets than channels', { datasets: Array.from({ length: 20 }, () => s3Place()) }, 'datasets'],
    ['no dataset', { datasets: [] }, 'dataset_id'],
    ['a value of 513 characters', { environment: { LONG: 'x'.repeat(513) } }, 'environment_variables.LONG'],
    ['a name that is none', { environment: { '1ST': 'x' } }, 'environment_variables.1ST'],
    ['a name of ours', { environment: { JOB_TOKEN: 'x' } }, 'environment_variables.JOB_TOKEN'],
    [
      'more than a hundred variables',
      { environment: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`V${i}`, ''])) },
      'environment_variables',
    ],
  ]
  test.each(cases)('%s', async (_, changes, field) => {
    const { launcher } = setup()
    expect(
      (await problems(launcher.validate(sampleLaunch('sagemaker', changes)))).map((p) => p.field),
    ).toEqual([field])
    await problems(launcher.launch(sampleLaunch('sagemaker', changes), sampleAccess()))
    expect(sent('CreateTrainingJob')).toEqual([])
  })

  test('a role of another account', async () => {
    const { launcher } = setup({ aws: { iam_role_arn: 'arn:aws:iam::999999999999:role/x' } })
    expect(await problems(launcher.validate(sampleLaunch('sagemaker')))).toMatchObject([
      { field: 'iam_role_arn' },
    ])
  })

  test("an S3 store that is not Amazon's, where SageMaker is", async () => {
    const launcher = createSageMakerLauncher({
      deploymentId,
      secretOf: async () => secret(),
      openBucket: async () => createMemoryStorageService(),
    })
    const elsewhere = s3Place({
      location: { bucket: 'b', region: 'us-east-1', endpoint: 'https://minio.example.org' },
    })
    expect(
      await problems(launcher.validate(sampleLaunch('sagemaker', { datasets: [elsewhere] }))),
    ).toMatchObject([{ field: 'dataset_id', message: expect.stringContaining('minio.example.org') }])
  })

  test('keys that may not ask whose they are do not hinder a launch', async () => {
    double.accountId = null
    const { launcher } = setup()
    await expect(launcher.validate(sampleLaunch('sagemaker'))).resolves.toBeUndefined()
    // Nor does an address that answers for SageMaker alone.
    double.faults.push({ operation: 'GetCallerIdentity', what: 'InvalidSignatureException', status: 403 })
    await expect(launcher.validate(sampleLaunch('sagemaker'))).resolves.toBeUndefined()
  })
})

describe('what a user lacks', () => {
  test('is said with the way out', async () => {
    await expect(setup({ hasSecret: false }).launcher.lacks(sampleUser)).resolves.toMatchObject({
      code: 'aws_not_configured',
    })
    await expect(setup({ aws: { iam_role_arn: null } }).launcher.lacks(sampleUser)).resolves.toMatchObject({
      code: 'aws_role_missing',
    })
    await expect(
      setup({ aws: { iam_role_arn: 'finetunelab' } }).launcher.lacks(sampleUser),
    ).resolves.toMatchObject({ code: 'aws_role_invalid' })
    await expect(setup().launcher.lacks(sampleUser)).resolves.toBeNull()
  })
})

describe('a launch that goes wrong', () => {
  test.each([
    ['a quota that is in use', { quota: 1, running: 1 }, { kind: 'limit', code: 'no_capacity' }],
    ['a quota of none', { quota: 0, running: 0 }, { kind: 'limit', code: 'quota_exceeded' }],
  ])('%s is no bad request', async (_, { quota, running }, expected) => {
    const { launcher, keys } = setup()
    for (let i = 0; i < running; i++) await launcher.launch(sampleLaunch('sagemaker'), sampleAccess())
    const before = await keys()
    double.quotas.set('ml.g5.xlarge', quota)
    await expect(launcher.launch(sampleLaunch('sagemaker'), sampleAccess())).rejects.toMatchObject(expected)
    // What was put for it is taken away again.
    expect(await keys()).toEqual(before)
  })

  test.each([
    [
      'ValidationException',
      'no such role',
      { kind: 'invalid', code: 'sagemaker_refused', details: 'no such role' },
    ],
    [
      'AccessDeniedException',
      'not authorized to perform: iam:PassRole',
      { kind: 'misconfigured', code: 'aws_denied' },
    ],
    [
      'UnrecognizedClientException',
      'invalid token',
      { kind: 'misconfigured', code: 'aws_credentials_refused' },
    ],
  ])('%s tells that nothing was started', async (what, message, expected) => {
    double.faults.push({ operation: 'CreateTrainingJob', what, message })
    await expect(setup().launcher.launch(sampleLaunch('sagemaker'), sampleAccess())).rejects.toMatchObject(
      expected,
    )
    expect(double.jobs.size).toBe(0)
  })

  test('an answer that is lost starts no second training', async () => {
    double.faults.push({ operation: 'CreateTrainingJob', what: 'answer_lost' })
    const launch = sampleLaunch('sagemaker')
    await expect(setup().launcher.launch(launch, sampleAccess())).resolves.toMatchObject({
      providerRef: stampOf(deploymentId, launch.job.id),
    })
    expect(double.jobs.size).toBe(1)
    expect(sent('CreateTrainingJob')).toHaveLength(2)
  })

  test('a launch that is repeated finds the training that is there', async () => {
    const { launcher } = setup()
    const launch = sampleLaunch('sagemaker')
    const first = await launcher.launch(launch, sampleAccess())
    await expect(launcher.launch(launch, sampleAccess())).resolves.toEqual(first)
    expect(double.jobs.size).toBe(1)
  })

  test('throttling and broken connections are waited out', async () => {
    double.faults.push(
      { operation: 'CreateTrainingJob', what: 'ThrottlingException' },
      { operation: 'CreateTrainingJob', what: 'hang_up' },
    )
    await setup().launcher.launch(sampleLaunch('sagemaker'), sampleAccess())
    expect(double.jobs.size).toBe(1)
  })

  test('when it stays broken, nobody claims to know whether something was started', async () => {
    for (let i = 0; i < 4; i++)
      double.faults.push({ operation: 'CreateTrainingJob', what: 'InternalFailure', status: 500 })
    await expect(setup().launcher.launch(sampleLaunch('sagemaker'), sampleAccess())).rejects.toMatchObject({
      kind: 'transient',
    })
  })
})

describe('a training under way', () => {
  async function launched(steps: string[], failureReason?: string) {
    double.plan = { steps, ...(failureReason ? { failureReason } : {}) }
    const { launcher } = setup()
    const launch = sampleLaunch('sagemaker')
    const { providerRef } = await launcher.launch(launch, sampleAccess())
    return { launcher, job: { ...launch.job, provider_ref: providerRef } }
  }

  test('is pending, then running, then gone with its result', async () => {
    const { launcher, job } = await launched([
      'Starting',
      'Pending',
      'Downloading',
      'Training',
      'Interrupted',
      'Restarting',
      'Training',
      'Uploading',
      'Completed',
    ])
    const seen: unknown[] = []
    for (let i = 0; i < 8; i++) {
      const inspection = await launcher.inspect(job)
      seen.push(inspection.state === 'present' ? inspection.phase : inspection)
    }
    expect(seen).toEqual([
      'pending',
      'running',
      'running',
      'pending',
      'pending',
      'running',
      'running',
      {
        state: 'gone',
        outcome: {
          status: 'succeeded',
          resultPath: `s3://data-of-mine/${sampleUser}/jobs/${job.id}/output/${job.provider_ref}/output/model`,
        },
      },
    ])
  })

  test.each([
    ['MaxRuntimeExceeded', undefined, { status: 'timed_out', error: { code: 'MaxRuntimeExceeded' } }],
    ['MaxWaitTimeExceeded', undefined, { status: 'timed_out', error: { code: 'MaxWaitTimeExceeded' } }],
    ['Stopped', undefined, { status: 'cancelled' }],
    [
      'Failed',
      'AlgorithmError: out of memory, exit code: 1',
      { status: 'failed', error: { code: 'training_failed' } },
    ],
    [
      'Failed',
      'CapacityError: Unable to provision requested ML compute capacity',
      { status: 'failed', error: { code: 'no_capacity' } },
    ],
  ])('that ends as %s (%s) is told apart', async (ending, reason, outcome) => {
    const { launcher, job } = await launched(['Starting', ending], reason)
    await expect(launcher.inspect(job)).resolves.toMatchObject({ state: 'gone', outcome })
  })

  test('that timed out is known by its history too', async () => {
    const { launcher, job } = await launched(['Starting', 'MaxRuntimeExceeded', 'Stopped'])
    await launcher.inspect(job)
    await expect(launcher.inspect(job)).resolves.toMatchObject({ outcome: { status: 'timed_out' } })
  })

  test('that has ended tells for how long it is billed', () => {
    const ended = { TrainingJobStatus: 'Completed', SecondaryStatus: 'Completed', BillableTimeInSeconds: 90 }
    expect(inspectionOf(ended, 1.408)).toMatchObject({ state: 'gone', billedSeconds: 90 })
  })

  test('in a state that nobody knows yet is there', async () => {
    const { launcher, job } = await launched(['Starting', 'SomethingOfNextYear'])
    await expect(launcher.inspect(job)).resolves.toMatchObject({ state: 'present', phase: 'pending' })
  })

  test('that was never there is gone without an outcome', async () => {
    await expect(setup().launcher.inspect(sampleJob('sagemaker'))).resolves.toEqual({
      state: 'gone',
      outcome: null,
    })
  })

  test('nothing is said of it while SageMaker does not answer', async () => {
    for (let i = 0; i < 4; i++) double.faults.push({ operation: 'DescribeTrainingJob', what: 'hang_up' })
    await expect(setup().launcher.inspect(sampleJob('sagemaker'))).resolves.toEqual({ state: 'unknown' })
  })

  test('is cancelled when it has verifiably stopped', async () => {
    const { launcher, job } = await launched(['Starting', 'Training'])
    await launcher.cancel(job)
    expect(double.jobs.get(job.provider_ref)!.ended).toBe(true)
    await expect(launcher.inspect(job)).resolves.toMatchObject({ outcome: { status: 'cancelled' } })
    // Again, and where there is none: nothing runs, so it counts.
    await launcher.cancel(job)
    await launcher.cancel(sampleJob('sagemaker'))
  })

  test('is looked for, read and stopped in the region that it was launched in, whatever the secret names now', async () => {
    const { job: launchedJob } = await launched(['Starting', 'Training'])
    const job = { ...launchedJob, machine: { id: 'ml.g5.xlarge', usd_per_hour: 1.408, region: 'us-east-1' } }
    const { launcher } = setup({ aws: { region: 'eu-central-1' } })
    await expect(launcher.inspect(job)).resolves.toMatchObject({ state: 'present' })
    await launcher.logs(job, null)
    await launcher.cancel(job)
    expect(double.jobs.get(job.provider_ref)!.ended).toBe(true)
    for (const { headers } of double.requests)
      expect(headers.authorization).toMatch(/\/us-east-1\/(sagemaker|logs)\/aws4_request/)
  })

  test('that does not stop in time is not called stopped', async () => {
    const { launcher, job } = await launched(['Starting', 'Training'])
    const stuck = double.jobs.get(job.provider_ref)!
    stuck.follow = () => {}
    await expect(launcher.cancel(job)).rejects.toMatchObject({ kind: 'transient', code: 'still_stopping' })
  })
})

describe('what is ours', () => {
  test("is what carries this deployment's stamp and still runs", async () => {
    const mine = setup()
    const others = setup({ deployment: 'eeeeeeee-1111-4000-8000-000000000000' })
    const running = sampleLaunch('sagemaker')
    const ended = sampleLaunch('sagemaker')
    await mine.launcher.launch(running, sampleAccess())
    const { providerRef } = await mine.launcher.launch(ended, sampleAccess())
    await others.launcher.launch(sampleLaunch('sagemaker'), sampleAccess())
    await mine.launcher.end(sampleUser, providerRef)
    const names = (await mine.launcher.listOurs(sampleUser)).map(({ name }) => name)
    expect(names).toEqual([stampOf(deploymentId, running.job.id)])
  })

  test('is listed page by page to the end', async () => {
    const { launcher } = setup()
    const template = sampleLaunch('sagemaker')
    await launcher.launch(template, sampleAccess())
    const first = [...double.jobs.values()][0]!
    for (let i = 0; i < 230; i++) {
      const name = stampOf(deploymentId, sampleJob('sagemaker').id)
      double.jobs.set(
        name,
        Object.assign(Object.create(first), { request: { ...first.request, TrainingJobName: name } }),
      )
    }
    expect(await launcher.listOurs(sampleUser)).toHaveLength(231)
  })
})

describe('the log', () => {
  test('begins where it ended the last time, over pages and over a replaced instance', async () => {
    const { launcher } = setup()
    const job = sampleJob('sagemaker')
    const name = stampOf(deploymentId, job.id)
    await expect(launcher.logs(job, null)).resolves.toEqual({ lines: [], cursor: null })
    double.logs.pageLines = 3
    double.logs.say(`${name}-2/algo-1-1764000000`, 'of a neighbour')
    double.logs.say(`${name}/algo-1-1764000000`, 'one', 'two', 'three', 'four', '[runner] five\n')
    const first = (await launcher.logs(job, null))!
    expect(first.lines.map(({ line }) => line)).toEqual(['one', 'two', 'three', 'four', '[runner] five'])
    expect(first.lines.at(-1)).toMatchObject({ stream: 'runner', at: '2025-11-24T16:00:00.004Z' })
    double.logs.say(`${name}/algo-1-1764000000`, 'six')
    double.logs.say(`${name}/algo-1-1764000999`, 'seven')
    const second = (await launcher.logs(job, first.cursor))!
    expect(second.lines.map(({ line }) => line)).toEqual(['six', 'seven'])
    await expect(launcher.logs(job, second.cursor)).resolves.toMatchObject({ lines: [] })
  })
})

test('the machines to choose from are dated and cheapest first', async () => {
  const offers = await setup().launcher.offers(sampleUser)
  const prices = offers.map(({ usdPerHour }) => usdPerHour ?? Number.POSITIVE_INFINITY)
  expect(prices).toEqual([...prices].sort((a, b) => a - b))
  expect(offers[0]).toMatchObject({ id: 'ml.g4dn.xlarge', priceSource: 'table', regions: ['us-east-1'] })
})

/** Everything that a training goes through, at whatever speaks SageMaker at SAGEMAKER_ENDPOINT; at the double otherwise. */
describe(`at ${process.env.SAGEMAKER_ENDPOINT ?? 'the double'}`, () => {
  test('a training is launched once, found by its stamp, seen, stopped, and no longer listed', async () => {
    const bucket = createMemoryStorageService()
    const launcher = createSageMakerLauncher({
      deploymentId: crypto.randomUUID(),
      secretOf: async () => ({ ...secret(), apiKey: process.env.AWS_ACCESS_KEY_ID ?? double.accessKeyId }),
      openBucket: async () => bucket,
      apiUrl: process.env.SAGEMAKER_ENDPOINT ?? double.url,
      pollSeconds: 0.05,
    })
    const launch = sampleLaunch('sagemaker')
    await launcher.validate(launch)
    const { providerRef } = await launcher.launch(launch, sampleAccess())
    await launcher.launch(launch, sampleAccess())
    const job = { ...launch.job, provider_ref: providerRef }
    expect((await launcher.listOurs(sampleUser)).map((machine) => machine.providerRef)).toEqual([providerRef])
    await expect(launcher.inspect(job)).resolves.toMatchObject({ state: 'present' })
    await launcher.cancel(job)
    await expect(launcher.inspect(job)).resolves.toMatchObject({
      state: 'gone',
      outcome: { status: 'cancelled' },
    })
    expect(await launcher.listOurs(sampleUser)).toEqual([])
  })
})
