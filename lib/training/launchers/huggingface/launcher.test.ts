import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import { type HubDouble, startHubDouble } from '#tests/support/providers/huggingface/start-hub-double.ts'
import { aLaunch, anAccess, aSecret, type LaunchWishes } from '#tests/support/providers/launch-request.ts'
import type { Launcher } from '../launcher.ts'
import { stampOf } from '../stamp.ts'
import { createHuggingFaceLauncher } from './launcher.ts'

const deploymentId = crypto.randomUUID()
let hub: HubDouble
let launcher: Launcher

beforeEach(async () => {
  hub = await startHubDouble()
  launcher = inDeployment(deploymentId)
})
afterEach(() => hub.close())

function inDeployment(deployment: string, username?: string): Launcher {
  return createHuggingFaceLauncher({
    deploymentId: deployment,
    secretOf: aSecret(hub.token, username ? { huggingface: { username } } : {}),
    apiUrl: hub.url,
    pollSeconds: 0.02,
  })
}

const launch = (options: Record<string, unknown> = {}) =>
  launcher.launch(aLaunch({ provider: 'huggingface', options }), anAccess())
const failure = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(AppError)
      return error as AppError
    },
  )

async function launched(wishes: Partial<LaunchWishes> = {}): Promise<Job> {
  const request = aLaunch({ provider: 'huggingface', ...wishes })
  const { providerRef } = await launcher.launch(request, anAccess())
  return { ...request.job, status: 'starting', provider_ref: providerRef }
}
const hubJobOf = (job: Job) => hub.jobs.get(job.provider_ref!.split('/')[1]!)!

describe('a launch', () => {
  test('runs one job with the stamp, a timeout, and its price', async () => {
    const request = aLaunch({ provider: 'huggingface' })
    const { providerRef, machine } = await launcher.launch(request, anAccess())
    const [job] = [...hub.jobs.values()]
    expect(providerRef).toBe(`ada/${job!.id}`)
    expect(job!.body).toMatchObject({
      flavor: 'l4x1',
      timeoutSeconds: 3600,
      labels: { name: stampOf(deploymentId, request.job.id) },
    })
    expect(machine).toEqual({ id: 'l4x1', usdPerHour: 0.8, region: null })
  })

  test('keeps links, tokens and what the person set out of the environment, which anybody may read', async () => {
    const access = anAccess()
    const environment = { WANDB_API_KEY: 'a-key-of-the-person' }
    await launcher.launch(aLaunch({ provider: 'huggingface', environment }), access)
    const [job] = [...hub.jobs.values()]
    const shown = JSON.stringify(job!.described())
    for (const secret of [access.token, access.dataset.url, access.baseUrl!, 'a-key-of-the-person'])
      expect(shown).not.toContain(secret)
    expect(job!.body.secrets).toMatchObject({
      JOB_TOKEN: access.token,
      DATASET_URL: access.dataset.url,
      ...environment,
    })
    expect(job!.body.environment).toMatchObject({ EXPECT_GPU: '1', DATASET_SHA256: access.dataset.sha256 })
    expect(job!.body.environment).not.toHaveProperty('KEEP_ALIVE')
  })

  test('expects as many GPUs as the flavor has', async () => {
    await launch({ flavor: 'a100x4' })
    await launch({ flavor: 'cpu-basic' })
    const expected = [...hub.jobs.values()].map(({ body }) => body.environment.EXPECT_GPU)
    expect(expected).toEqual(['4', undefined])
  })

  test('goes to the organisation that is named beside the token', async () => {
    launcher = inDeployment(deploymentId, 'lovelace-labs')
    expect((await launch()).providerRef).toMatch(/^lovelace-labs\//)
    launcher = inDeployment(deploymentId, 'somebody-else')
    expect(await failure(launch())).toMatchObject({ kind: 'misconfigured', code: 'provider_key_forbidden' })
  })

  test.each([
    [401, 'misconfigured', 'provider_key_refused'],
    [402, 'misconfigured', 'provider_balance_low'],
    [403, 'misconfigured', 'provider_key_forbidden'],
    [400, 'invalid', 'provider_refused'],
    [500, 'transient', 'provider_failed'],
  ])('tells what %i means, and keeps the request id', async (status, kind, code) => {
    hub.fail('POST /api/jobs/ada', { kind: 'answer', status, body: { error: 'The reason.' } })
    const error = await failure(launch())
    expect(error).toMatchObject({ kind, code, data: { provider_status: status } })
    expect(error.data?.provider_request_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(hub.jobs.size).toBe(0)
  })

  test('waits for the window of its quota to pass', async () => {
    hub.fail('POST /api/jobs/ada', { kind: 'answer', status: 429, headers: { RateLimit: '"api";r=0;t=0' } })
    await launch()
    hub.fail('POST /api/jobs/ada', {
      kind: 'answer',
      status: 429,
      headers: { RateLimit: '"api";r=0;t=12, "day";r=0;t=900, "week";r=5;t=9000' },
    })
    expect(await failure(launch())).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 900 })
  })

  test.each(['lose-answer', 'garbage'] as const)(
    'does not know whether something runs after "%s", and the label tells',
    async (kind) => {
      hub.fail('POST /api/jobs/ada', { kind })
      const request = aLaunch({ provider: 'huggingface' })
      expect(await failure(launcher.launch(request, anAccess()))).toMatchObject({ kind: 'transient' })
      const [found] = await launcher.listOurs(request.job.user_id)
      expect(found).toMatchObject({ name: stampOf(deploymentId, request.job.id), usdPerHour: 0.8 })
    },
  )

  test('names a flavor that is not there', async () => {
    const request = aLaunch({ provider: 'huggingface', options: { flavor: 'z9' } })
    const error = await failure(launcher.validate(request))
    expect(error).toMatchObject({ kind: 'invalid', details: [{ field: 'flavor' }] })
    expect(error.message).toContain('t4-small')
  })
})

test('hardware is offered with its price an hour, cheapest GPU first', async () => {
  const offers = await launcher.offers('user')
  expect(offers.map(({ id, usdPerHour }) => [id, usdPerHour])).toEqual([
    ['t4-small', 0.4],
    ['l4x1', 0.8],
    ['a100x4', 10],
    ['cpu-basic', 0.01],
  ])
  expect(offers[1]).toMatchObject({ gpu: { name: 'L4', count: 1, memoryGib: 24 }, priceSource: 'provider' })
})

describe('a job', () => {
  test('is pending, then runs', async () => {
    const job = await launched()
    expect(await launcher.inspect(job)).toMatchObject({ state: 'present', phase: 'pending' })
    await expect.poll(() => launcher.inspect(job)).toMatchObject({ state: 'present', phase: 'running' })
  })

  test.each([
    ['COMPLETED', null, 'succeeded'],
    ['ERROR', 'Job failed with exit code: 1', 'failed'],
    ['ERROR', 'Job timeout', 'timed_out'],
    ['CANCELED', null, 'cancelled'],
    ['DELETED', null, 'lost'],
  ] as const)('that is %s (%s) has %s', async (stage, message, status) => {
    const job = await launched()
    await hubJobOf(job).finish(stage, message)
    expect(await launcher.inspect(job)).toMatchObject({ state: 'gone', outcome: { status } })
  })

  test('that failed tells it in the words of its runner', async () => {
    const job = await launched()
    hubJobOf(job).say(
      'finetunelab {"type": "status", "status": "failed", "error": {"code": "dataset_corrupt", "message": "x"}}',
    )
    await hubJobOf(job).finish('ERROR', 'Job failed with exit code: 1')
    expect(await launcher.inspect(job)).toMatchObject({
      outcome: { status: 'failed', error: { code: 'dataset_corrupt' } },
    })
  })

  test('that ran detached tells where its result lies, however long its log is', async () => {
    const job = await launched()
    for (let line = 0; line < 6000; line++) hubJobOf(job).say(`step ${line}`)
    hubJobOf(job).say(
      'finetunelab {"type": "status", "status": "succeeded", "result_path": "hf://me/adapter"}',
    )
    await hubJobOf(job).finish('COMPLETED')
    expect(await launcher.inspect({ ...job, detached: true })).toMatchObject({
      state: 'gone',
      outcome: { status: 'succeeded', resultPath: 'hf://me/adapter' },
    })
  })

  test('that is not known any more is lost; one that cannot be asked about is neither', async () => {
    const job = await launched()
    hub.fail('GET /api/jobs/ada/', { kind: 'answer', status: 500 })
    expect(await failure(launcher.inspect(job))).toMatchObject({ kind: 'transient' })
    hub.jobs.clear()
    expect(await launcher.inspect(job)).toMatchObject({ state: 'gone', outcome: { status: 'lost' } })
    expect(await launcher.inspect({ ...job, provider_ref: null })).toEqual({ state: 'unknown' })
  })

  test('that waits for its hardware for hours is given up', async () => {
    const job = await launched()
    hubJobOf(job).stage = 'SCHEDULING'
    Object.assign(hubJobOf(job), { createdAt: Date.now() - 4 * 3_600_000 })
    expect(await launcher.inspect(job)).toMatchObject({ state: 'spent' })
  })
})

describe('the end', () => {
  test('is verified: a job that is being cancelled is waited for', async () => {
    const job = await launched()
    hub.cancelSeconds = 0.3
    await launcher.cancel(job)
    expect(hubJobOf(job).stage).toBe('CANCELED')
  })

  test('is asked for again when the answer is lost or the server fails', async () => {
    const job = await launched()
    const path = `POST /api/jobs/${job.provider_ref}/cancel`
    hub.fail(path, { kind: 'answer', status: 500 })
    hub.fail(path, { kind: 'lose-answer' })
    await launcher.cancel(job)
    expect(hubJobOf(job).stage).toBe('CANCELED')
  })

  test('of a job that nobody wrote down is found by its label among many, and strangers are left alone', async () => {
    const stranger = inDeployment(crypto.randomUUID())
    await stranger.launch(aLaunch({ provider: 'huggingface' }), anAccess())
    const jobs: Job[] = []
    for (let count = 0; count < 5; count++) jobs.push(await launched())
    expect(await launcher.listOurs('user')).toHaveLength(5)
    await launcher.cancel({ ...jobs[0]!, provider_ref: null })
    expect(hubJobOf(jobs[0]!).stage).toBe('CANCELED')
    expect(await launcher.listOurs('user')).toHaveLength(4)
    expect(await stranger.listOurs('user')).toHaveLength(1)
    await launcher.end('user', 'ada/never-was')
  })

  test('is found in one page of its own, so that none can shift away under it while others end', async () => {
    const jobs: Job[] = []
    for (let count = 0; count < 5; count++) jobs.push(await launched())
    const [oldest] = jobs as [Job]
    const before = hub.seen.length
    const found = await launcher.listOurs(oldest.user_id, oldest.id)
    expect(found.map(({ providerRef }) => providerRef)).toEqual([oldest.provider_ref])
    const lists = hub.seen.slice(before).filter(({ path }) => path === '/api/jobs/ada')
    expect(lists.map(({ query }) => query.toString())).toEqual([
      `label=name%3D${stampOf(deploymentId, oldest.id)}`,
    ])
    await hubJobOf(oldest).finish('COMPLETED')
    expect(await launcher.listOurs(oldest.user_id, oldest.id)).toEqual([])
  })
})

test('a log that begins anew with each connection is read once, line by line', async () => {
  const job = await launched()
  const texts = (page: Awaited<ReturnType<Launcher['logs']>>) =>
    page!.lines.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)
  await expect.poll(() => hubJobOf(job).stage).toBe('RUNNING')
  for (let line = 1; line <= 30; line++) hubJobOf(job).say(`line ${line}`)
  const first = await launcher.logs(job, null)
  expect(texts(first)).toHaveLength(30)
  hubJobOf(job).say('line 31')
  await hubJobOf(job).finish('COMPLETED')
  const second = await launcher.logs(job, first!.cursor)
  expect(texts(second)).toEqual(['line 31'])
  expect(await launcher.logs(job, second!.cursor)).toEqual({ lines: [], cursor: second!.cursor })
})
