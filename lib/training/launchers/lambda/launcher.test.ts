import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TakeTurn } from '#lib/db/provider-turns.ts'
import { AppError } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import {
  type LambdaDouble,
  type LambdaDoubleOptions,
  startLambdaDouble,
} from '#tests/support/providers/lambda/start-lambda-double.ts'
import { aLaunch, anAccess, aSecret, type LaunchWishes } from '#tests/support/providers/launch-request.ts'
import type { Launcher } from '../launcher.ts'
import { stampOf } from '../stamp.ts'
import { createLambdaLauncher } from './launcher.ts'

const deploymentId = crypto.randomUUID()
const unhurried = { secondsPerRequest: 0, secondsPerLaunch: 0 }
let lambda: LambdaDouble
let launcher: Launcher
/** Turns that were taken, in order. */
let turns: string[]

async function begin(options: LambdaDoubleOptions = {}) {
  await lambda?.close()
  turns = []
  lambda = await startLambdaDouble({ pace: unhurried, ...options })
  launcher = withMetadata({ lambda: { ssh_key_name: 'finetunelab' } })
}

const takeTurn: TakeTurn = async ({ rarer }) => {
  turns.push(rarer ? 'launch' : 'request')
}

function withMetadata(metadata: Parameters<typeof aSecret>[1]): Launcher {
  return createLambdaLauncher({
    deploymentId,
    secretOf: aSecret(lambda.apiKey, metadata),
    takeTurn,
    apiUrl: lambda.url,
    pollSeconds: 0.02,
  })
}

beforeEach(() => begin())
afterEach(() => lambda.close())

const launch = (options: Record<string, unknown> = {}) =>
  launcher.launch(aLaunch({ provider: 'lambda', options }), anAccess())
const launches = () => lambda.seen.filter(({ path }) => path.endsWith('/launch'))
const failure = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(AppError)
      return error as AppError
    },
  )

async function launched(wishes: Partial<LaunchWishes> = {}): Promise<Job> {
  const request = aLaunch({ provider: 'lambda', ...wishes })
  const { providerRef } = await launcher.launch(request, anAccess())
  return { ...request.job, status: 'starting', provider_ref: providerRef }
}

describe('a launch', () => {
  test('starts one instance with the stamp and the one SSH key, where there really is room', async () => {
    const request = aLaunch({ provider: 'lambda' })
    const { providerRef, machine } = await launcher.launch(request, anAccess())
    const instance = lambda.instances.get(providerRef)!
    expect(instance.body).toMatchObject({
      name: stampOf(deploymentId, request.job.id),
      ssh_key_names: ['finetunelab'],
      region_name: 'us-east-1',
    })
    expect(machine).toEqual({ id: 'gpu_1x_a10', usdPerHour: 0.75, region: 'us-east-1' })
    expect(launches().map(({ body }) => (body as { region_name: string }).region_name)).toEqual([
      'us-west-1',
      'us-east-1',
    ])
  })

  test('takes a turn for each request, a rarer one for each launch', async () => {
    await launch()
    expect(turns).toEqual(['request', 'launch', 'launch'])
  })

  test("tries the person's regions, those that are said to have room first, then the next type", async () => {
    lambda.types[0]!.room = []
    const { machine } = await launch({
      instance_type: ['gpu_1x_a10', 'gpu_1x_h100_pcie'],
      region: ['us-south-1', 'us-west-1'],
    })
    expect(machine).toMatchObject({ id: 'gpu_1x_h100_pcie', region: 'us-west-1' })
    const asked = launches().map(({ body }) => body as { region_name: string; instance_type_name: string })
    expect(
      asked.map(({ instance_type_name, region_name }) => `${instance_type_name} ${region_name}`),
    ).toEqual(['gpu_1x_a10 us-west-1', 'gpu_1x_a10 us-south-1', 'gpu_1x_h100_pcie us-west-1'])
  })

  test('says that there is no room when no region has any', async () => {
    for (const type of lambda.types) type.room = []
    const error = await failure(launch())
    expect(error).toMatchObject({ kind: 'limit', code: 'no_capacity' })
    expect(error.details).toContain('gpu_1x_a10 in us-west-1, gpu_1x_a10 in us-east-1')
    expect(await failure(launch({ instance_type: 'gpu_8x_a100' }))).toMatchObject({ code: 'no_capacity' })
  })

  test.each([
    [401, 'global/invalid-api-key', 'misconfigured', 'provider_key_refused'],
    [403, 'global/account-inactive', 'misconfigured', 'provider_account'],
    [403, 'global/forbidden', 'misconfigured', 'provider_key_forbidden'],
    [400, 'global/quota-exceeded', 'misconfigured', 'provider_quota'],
    [400, 'global/invalid-parameters', 'invalid', 'provider_refused'],
    [404, 'global/object-does-not-exist', 'misconfigured', 'provider_not_found'],
    [400, 'provider/unavailable', 'transient', 'provider_failed'],
    [500, 'global/internal-error', 'transient', 'provider_failed'],
  ])('tells what %i %s means, and stops', async (status, lambdaCode, kind, code) => {
    lambda.refusal = { status, code: lambdaCode, message: 'The reason.' }
    expect(await failure(launch())).toMatchObject({ kind, code, data: { provider_status: status } })
    expect(launches()).toHaveLength(1)
  })

  test('needs the name of an SSH key, and one that is registered', async () => {
    launcher = withMetadata({})
    expect(await launcher.lacks('user')).toMatchObject({ code: 'ssh_key_missing' })
    expect(await failure(launch())).toMatchObject({ kind: 'misconfigured', code: 'ssh_key_missing' })
    launcher = withMetadata({ lambda: { ssh_key_name: 'of-somebody-else' } })
    expect(await failure(launch())).toMatchObject({
      code: 'provider_not_found',
      details: expect.stringContaining('of-somebody-else'),
    })
    expect(lambda.instances.size).toBe(0)
  })

  test('does not know whether something runs after an answer was lost, and the stamp tells', async () => {
    lambda.fail('POST /api/v1/instance-operations/launch', { kind: 'lose-answer' })
    const request = aLaunch({ provider: 'lambda', options: { region: 'us-east-1' } })
    expect(await failure(launcher.launch(request, anAccess()))).toMatchObject({ kind: 'transient' })
    const [found] = await launcher.listOurs(request.job.user_id)
    expect(found).toMatchObject({ name: stampOf(deploymentId, request.job.id), usdPerHour: 0.75 })
  })

  test('that is told to slow down looks whether something was started before it asks again', async () => {
    lambda.fail('POST /api/v1/instance-operations/launch', { kind: 'answer', status: 429 })
    await launch({ region: 'us-east-1' })
    expect(lambda.seen.map(({ path }) => path.replace('/api/v1', ''))).toEqual([
      '/instance-types',
      '/instance-operations/launch',
      '/instances',
      '/instance-operations/launch',
    ])
    expect(lambda.instances.size).toBe(1)
  })

  test('refuses an environment that does not fit into the user data', async () => {
    const environment = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`V${at}`, 'x'.repeat(32_000)]),
    )
    const error = await failure(launcher.validate(aLaunch({ provider: 'lambda', environment })))
    expect(error).toMatchObject({ kind: 'invalid', code: 'invalid_launch' })
  })

  test.each([
    [{ region: 'US East' }, /region/],
    [{ instance_type: 'gpu_9x_z1' }, /instance_type.*no gpu_9x_z1. It has gpu_1x_a10/],
  ])('names the field of %o', async (options, named) => {
    const error = await failure(launcher.validate(aLaunch({ provider: 'lambda', options })))
    expect(JSON.stringify(error.details)).toMatch(named)
  })
})

test('machines are offered with price, regions and date, cheapest first', async () => {
  const offers = await launcher.offers('user')
  expect(offers.map(({ id }) => id)).toEqual(['gpu_1x_a10', 'gpu_1x_h100_pcie', 'gpu_8x_a100'])
  expect(offers[0]).toMatchObject({
    usdPerHour: 0.75,
    gpu: { name: 'A10', count: 1, memoryGib: 24 },
    regions: ['us-west-1', 'us-east-1'],
    priceSource: 'provider',
  })
  expect(offers[2]?.stock).toBe('none')
})

test('the shipped prices are shown as such where the list cannot be read', async () => {
  lambda.fail('GET /api/v1/instance-types', { kind: 'answer', status: 500 })
  expect((await launcher.offers('user'))[0]).toMatchObject({ priceSource: 'table', stock: 'unknown' })
})

describe('an instance', () => {
  test('is pending until it has an address, then runs', async () => {
    const job = await launched()
    expect(await launcher.inspect(job)).toMatchObject({
      state: 'present',
      phase: 'pending',
      usdPerHour: 0.75,
    })
    const other = withMetadata({})
    await expect
      .poll(() => withMetadata({}).inspect(job), { timeout: 5000 })
      .toMatchObject({ state: 'present', phase: 'running' })
    expect(await other.inspect({ ...job, provider_ref: null })).toEqual({ state: 'unknown' })
  })

  test('that is unhealthy is spent and may be replaced; one that was taken back is lost', async () => {
    const job = await launched()
    const instance = lambda.instances.get(job.provider_ref!)!
    instance.forced = 'unhealthy'
    expect(await withMetadata({}).inspect(job)).toMatchObject({
      state: 'spent',
      replaceable: true,
      outcome: { error: { code: 'machine_unhealthy' } },
    })
    instance.forced = 'preempted'
    expect(await withMetadata({}).inspect(job)).toMatchObject({ state: 'gone', outcome: { status: 'lost' } })
    lambda.instances.delete(instance.id)
    expect(await withMetadata({}).inspect(job)).toMatchObject({ state: 'gone', outcome: { status: 'lost' } })
  })

  test('that never boots is given up', async () => {
    const job = await launched()
    lambda.instances.get(job.provider_ref!)!.forced = 'booting'
    const longAgo = new Date(Date.now() - 3_600_000).toISOString()
    expect(await launcher.inspect({ ...job, created_at: longAgo })).toMatchObject({
      state: 'spent',
      replaceable: true,
    })
  })

  test('costs one request for all jobs that are looked at together', async () => {
    const jobs = [await launched(), await launched(), await launched()]
    const together = jobs.map((job) => ({ ...job, user_id: jobs[0]!.user_id }))
    const before = lambda.seen.length
    await Promise.all(together.map((job) => launcher.inspect(job)))
    expect(lambda.seen.length - before).toBe(1)
  })

  test('boots into the bootstrap, with its settings in files that only root may read', async () => {
    await begin({ execute: true })
    const job = await launched({ trainer: 'smoke', environment: { MINE: `it's "$(id)"\n` } })
    const instance = lambda.instances.get(job.provider_ref!)!
    const { write_files } = JSON.parse(instance.body.user_data!.slice('#cloud-config\n'.length))
    for (const { permissions, owner } of write_files)
      expect([permissions, owner]).toEqual(['0600', 'root:root'])
    const log = instance.at('/opt/finetunelab/log')
    // The control plane of this suite does not exist: the runner cannot be fetched, and that is what it says.
    await expect
      .poll(() => existsSync(log) && readFileSync(log, 'utf8'), { timeout: 15_000 })
      .toContain('[bootstrap] The runner could not be had')
  })
})

describe('the end', () => {
  test('is verified: a machine that is terminating is waited for', async () => {
    const job = await launched()
    await launcher.cancel(job)
    expect(lambda.instances.get(job.provider_ref!)?.status).toBe('terminated')
  })

  test('is ordered again when the answer is lost or the server fails', async () => {
    const job = await launched()
    lambda.fail('POST /api/v1/instance-operations/terminate', { kind: 'answer', status: 500 })
    lambda.fail('POST /api/v1/instance-operations/terminate', { kind: 'lose-answer' })
    await launcher.cancel(job)
    expect(lambda.instances.get(job.provider_ref!)?.status).toBe('terminated')
  })

  test('of a machine that nobody wrote down is found by its stamp, and strangers are left alone', async () => {
    const stranger = createLambdaLauncher({
      deploymentId: crypto.randomUUID(),
      secretOf: aSecret(lambda.apiKey, { lambda: { ssh_key_name: 'finetunelab' } }),
      takeTurn,
      apiUrl: `${lambda.url}/api/v1`,
    })
    const { providerRef } = await stranger.launch(aLaunch({ provider: 'lambda' }), anAccess())
    const job = await launched()
    await launcher.cancel({ ...job, provider_ref: null })
    expect(lambda.instances.get(job.provider_ref!)?.status).toBe('terminated')
    expect(lambda.instances.get(providerRef)?.status).not.toMatch(/terminat/)
    await launcher.end(job.user_id, 'never-was')
  })
})
