import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import { aJob, aLaunch, anAccess, aSecret } from '#tests/support/providers/launch-request.ts'
import { type RunPodDouble, startRunPodDouble } from '#tests/support/providers/runpod/start-runpod-double.ts'
import type { Launcher, RunnerAccess } from '../launcher.ts'
import { stampOf } from '../stamp.ts'
import { createRunPodLauncher } from './launcher.ts'

const deploymentId = crypto.randomUUID()
let runpod: RunPodDouble
let launcher: Launcher

beforeEach(async () => {
  runpod = await startRunPodDouble()
  launcher = withKey(runpod.apiKey)
})
afterEach(() => runpod.close())

function withKey(apiKey: string, deployment = deploymentId): Launcher {
  return createRunPodLauncher({
    deploymentId: deployment,
    secretOf: aSecret(apiKey),
    apiUrl: runpod.url,
    pollSeconds: 0.02,
  })
}

const launch = (options: Record<string, unknown> = {}, access: RunnerAccess = anAccess()) =>
  launcher.launch(aLaunch({ provider: 'runpod', options }), access)

const failure = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(AppError)
      return error as AppError
    },
  )

const creations = () => runpod.seen.filter(({ method }) => method === 'POST')

async function launched(options: Record<string, unknown> = {}): Promise<Job> {
  const request = aLaunch({ provider: 'runpod', options })
  const { providerRef } = await launcher.launch(request, anAccess())
  return { ...request.job, status: 'starting', provider_ref: providerRef }
}

describe('a launch', () => {
  test('starts one pod that carries the stamp, and says what it costs', async () => {
    const request = aLaunch({ provider: 'runpod', options: { gpu_type: 'NVIDIA L40S', gpu_count: 2 } })
    const { providerRef, machine } = await launcher.launch(request, anAccess())
    expect([...runpod.pods.keys()]).toEqual([providerRef])
    expect(runpod.pods.get(providerRef)?.body.name).toBe(stampOf(deploymentId, request.job.id))
    expect(machine).toEqual({ id: 'NVIDIA L40S', usdPerHour: 1.72, region: 'US-KS-2' })
  })

  test('asks for the next GPU where one is out of stock, in the order that was given', async () => {
    const { machine } = await launch({ gpu_type: ['NVIDIA H100 80GB HBM3', 'NVIDIA RTX A6000'] })
    expect(machine?.id).toBe('NVIDIA RTX A6000')
    expect(creations()).toHaveLength(2)
  })

  test('says that there is no room when no GPU has any', async () => {
    for (const gpu of runpod.gpus) gpu.stock = 0
    const error = await failure(launch())
    expect(error).toMatchObject({ kind: 'limit', code: 'no_capacity' })
    expect(error.details).toContain('NVIDIA GeForce RTX 4090, NVIDIA RTX A6000')
    expect(runpod.pods.size).toBe(0)
  })

  test('does not try other GPUs for a request that breaks a rule', async () => {
    runpod.fail('POST /v2/pods', {
      kind: 'answer',
      status: 400,
      body: {
        title: 'Bad Request',
        status: 400,
        detail: 'mounts.persistent and mounts.network are mutually exclusive.',
      },
    })
    expect(await failure(launch())).toMatchObject({ kind: 'invalid', code: 'provider_refused' })
    expect(creations()).toHaveLength(1)
  })

  test('takes refusals that say nothing clear for a bad request once every GPU got one', async () => {
    runpod.capacityProse = 'Something is off.'
    const gpu_type = ['NVIDIA GeForce RTX 4090', 'NVIDIA L40S']
    runpod.fail('POST /v2/pods', { kind: 'answer', status: 400, body: { detail: 'Something is off.' } }, 2)
    expect(await failure(launch({ gpu_type }))).toMatchObject({ kind: 'invalid', code: 'provider_refused' })
    expect(creations()).toHaveLength(2)
  })

  test('takes them for a lack of room where the catalogue has no stock of any', async () => {
    runpod.capacityProse = 'Something is off.'
    expect(await failure(launch({ gpu_type: 'NVIDIA H100 80GB HBM3' }))).toMatchObject({
      code: 'no_capacity',
    })
  })

  test('skips a pool that the key may not use', async () => {
    runpod.fail('POST /v2/pods', { kind: 'answer', status: 403, body: { detail: 'No access to this pool.' } })
    const { machine } = await launch({ gpu_type: ['NVIDIA L40S', 'NVIDIA RTX A6000'] })
    expect(machine?.id).toBe('NVIDIA RTX A6000')
  })

  test.each([
    [401, 'misconfigured', 'provider_key_refused'],
    [402, 'misconfigured', 'provider_balance_low'],
    [403, 'misconfigured', 'provider_key_forbidden'],
    [404, 'misconfigured', 'provider_not_found'],
    [422, 'invalid', 'provider_refused'],
    [500, 'transient', 'provider_failed'],
    [503, 'transient', 'provider_failed'],
    [301, 'misconfigured', 'provider_moved'],
  ])('tells what %i means, keeps the request id, and stops', async (status, kind, code) => {
    const body = { title: 'No', status, detail: 'The reason.' }
    runpod.fail('POST /v2/pods', { kind: 'answer', status, body }, 3)
    const error = await failure(launch({ gpu_type: 'NVIDIA L40S' }))
    expect(error).toMatchObject({ kind, code, data: { provider_status: status } })
    expect(error.data?.provider_request_id).toMatch(/^[0-9a-f-]{36}$/)
    expect(creations()).toHaveLength(1)
  })

  test('waits as long as it is told when it is told to slow down', async () => {
    const headers = { 'retry-after': '0' }
    runpod.fail('POST /v2/pods', { kind: 'answer', status: 429, headers }, 2)
    await launch()
    expect(creations()).toHaveLength(3)
    runpod.fail('POST /v2/pods', { kind: 'answer', status: 429, headers: { 'retry-after': '3600' } })
    expect(await failure(launch())).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 3600 })
  })

  test.each(['lose-answer', 'garbage'] as const)(
    'does not know whether something runs after "%s", and the stamp tells',
    async (kind) => {
      runpod.fail('POST /v2/pods', { kind })
      const request = aLaunch({ provider: 'runpod' })
      expect(await failure(launcher.launch(request, anAccess()))).toMatchObject({ kind: 'transient' })
      const [found] = await launcher.listOurs(request.job.user_id)
      expect(found?.name).toBe(stampOf(deploymentId, request.job.id))
      expect(creations()).toHaveLength(1)
    },
  )

  test('without a key says so before anything is asked', async () => {
    const keyless = createRunPodLauncher({ deploymentId, secretOf: async () => null, apiUrl: runpod.url })
    expect(await keyless.lacks('user')).toMatchObject({ code: 'provider_key_missing' })
    expect(await failure(keyless.launch(aLaunch({ provider: 'runpod' }), anAccess()))).toMatchObject({
      code: 'provider_key_missing',
    })
    expect(runpod.seen).toEqual([])
  })

  test('expects as many GPUs as were rented, and none for the smoke test', async () => {
    await launch({ gpu_count: 4 })
    await launcher.launch(aLaunch({ provider: 'runpod', trainer: 'smoke' }), anAccess())
    const expected = creations().map(({ body }) => (body as { env: Record<string, string> }).env.EXPECT_GPU)
    expect(expected).toEqual(['4', undefined])
  })

  test('keeps the command tiny and the rest in the environment, 50 variables at most', async () => {
    for (const access of [
      anAccess(),
      anAccess({ baseUrl: null, runner: { ...anAccess().runner, url: null } }),
    ]) {
      await launch({}, access)
      const { args, env } = creations().at(-1)!.body as { args: string; env: Record<string, string> }
      expect(args.length).toBeLessThan(100)
      expect(env).toMatchObject({
        KEEP_ALIVE: '1',
        INSTALL_TRAINER: '1',
        EXPECT_GPU: '1',
        JOB_TOKEN: access.token,
        DATASET_URL: access.dataset.url,
        DATASET_SHA256: access.dataset.sha256,
      })
      expect(Object.keys(env).length).toBeLessThanOrEqual(16)
      for (const value of Object.values(env)) expect(value.length).toBeLessThanOrEqual(32_000)
    }
  })

  test('does not repeat a secret that the provider repeats', async () => {
    const access = anAccess()
    const detail = `env is wrong: ${access.token} ${access.dataset.url}`
    runpod.fail('POST /v2/pods', { kind: 'answer', status: 422, body: { detail } })
    const error = await failure(launch({}, access))
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(access.token)
    expect(error.details).toBe('env is wrong: *** ***')
  })

  test('works with the prefix in the setting as without it', async () => {
    const other = createRunPodLauncher({
      deploymentId,
      secretOf: aSecret(runpod.apiKey),
      apiUrl: `${runpod.url}/v2/`,
    })
    await other.launch(aLaunch({ provider: 'runpod' }), anAccess())
    expect(creations()[0]?.path).toBe('/v2/pods')
  })
})

describe('what can be known before', () => {
  test.each([
    [{ gpu_count: 0 }, /gpu_count/],
    [{ volume_size_gb: 5 }, /volume_size_gb/],
    [{ docker_image: 'x; rm -rf /' }, /docker_image/],
    [{ gpu_type: 'NVIDIA GTX 750' }, /gpu_type.*no NVIDIA GTX 750. It has NVIDIA RTX A6000/],
  ])('names the field of %o', async (options, named) => {
    const error = await failure(launcher.validate(aLaunch({ provider: 'runpod', options })))
    expect(error.kind).toBe('invalid')
    expect(JSON.stringify(error.details)).toMatch(named)
  })

  test.each([
    { JOB_TOKEN: 'mine' },
    { FINETUNELAB_URL: 'x' },
    { '1ST': 'x' },
    { 'A B': 'x' },
    { BIG: 'x'.repeat(40_000) },
    Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`V${at}`, ''])),
  ])('refuses variables that cannot be', async (environment) => {
    const error = await failure(launcher.validate(aLaunch({ provider: 'runpod', environment })))
    expect(error.code).toMatch(/^(environment_invalid|invalid_launch)$/)
  })

  test('offers GPUs with price, stock and date, cheapest first, and reads them once', async () => {
    const [cheapest, second] = await launcher.offers('user')
    expect(cheapest).toMatchObject({
      id: 'NVIDIA RTX A6000',
      usdPerHour: 0.49,
      stock: 'low',
      priceSource: 'provider',
      regions: ['US-KS-2'],
    })
    expect(second?.usdPerHour).toBeGreaterThan(0.49)
    expect(Date.now() - Date.parse(cheapest!.pricedAt!)).toBeLessThan(10_000)
    await launcher.offers('user')
    expect(runpod.seen).toHaveLength(1)
  })

  test('shows the shipped prices as such where the catalogue cannot be read', async () => {
    runpod.fail('GET /v2/catalog', { kind: 'answer', status: 500 })
    const [offer] = await launcher.offers('user')
    expect(offer).toMatchObject({ priceSource: 'table', stock: 'unknown' })
    expect(offer?.usdPerHour).toBeGreaterThan(0)
  })
})

describe('a pod', () => {
  const inspect = (job: Job) => launcher.inspect(job)
  const podOf = (job: Job) => runpod.pods.get(job.provider_ref!)!
  const longAgo = new Date(Date.now() - 3_600_000).toISOString()

  test('is pending, then runs, with its price', async () => {
    const job = await launched()
    expect(await inspect(job)).toMatchObject({ state: 'present', phase: 'pending' })
    const heard = { ...job, last_heartbeat_at: new Date().toISOString() }
    await expect.poll(() => inspect(heard)).toEqual({ state: 'present', phase: 'running', usdPerHour: 0.69 })
  })

  test('that is no longer there is lost', async () => {
    const job = await launched()
    runpod.pods.delete(job.provider_ref!)
    expect(await inspect(job)).toMatchObject({ state: 'gone', outcome: { status: 'lost' } })
  })

  test('in an unrecoverable state is spent and may be replaced; one that was stopped may not', async () => {
    const job = await launched()
    podOf(job).forced = 'ERROR'
    expect(await inspect(job)).toMatchObject({ state: 'spent', replaceable: true })
    podOf(job).forced = 'EXITED'
    expect(await inspect(job)).toMatchObject({ state: 'spent', replaceable: false })
  })

  test('that never starts is given up after 30 minutes', async () => {
    const job = await launched()
    podOf(job).forced = 'STARTING'
    expect(await inspect(job)).toMatchObject({ state: 'present' })
    const described = podOf(job).described()
    runpod.fail('GET /v2/pods/', { kind: 'answer', status: 200, body: { ...described, createdAt: longAgo } })
    expect(await inspect({ ...job, created_at: longAgo })).toMatchObject({
      state: 'spent',
      replaceable: true,
      outcome: { error: { code: 'machine_never_started' } },
    })
  })

  test('whose container starts again after its runner spoke is still there', async () => {
    const job = await launched()
    podOf(job).forced = 'STARTING'
    const old = { ...podOf(job).described(), createdAt: longAgo }
    const inspectedAfter = (last_heartbeat_at: string) => {
      runpod.fail('GET /v2/pods/', { kind: 'answer', status: 200, body: old })
      return inspect({ ...job, created_at: longAgo, last_heartbeat_at })
    }
    expect(await inspectedAfter(new Date().toISOString())).toMatchObject({ state: 'present' })
    expect(await inspectedAfter(longAgo)).toMatchObject({ state: 'spent', replaceable: true })
  })

  test('whose container keeps ending is recognised as a loop', async () => {
    const job = await launched()
    podOf(job).uptime = 3
    await expect.poll(() => podOf(job).status).toBe('RUNNING')
    const described = podOf(job).described()
    runpod.fail('GET /v2/pods/', { kind: 'answer', status: 200, body: { ...described, startedAt: longAgo } })
    expect(await inspect({ ...job, created_at: longAgo })).toMatchObject({
      state: 'spent',
      outcome: { error: { code: 'crash_loop' } },
    })
  })

  test('that cannot be asked about says nothing rather than something wrong', async () => {
    const job = await launched()
    runpod.fail('GET /v2/pods/', { kind: 'answer', status: 502 })
    expect(await failure(inspect(job))).toMatchObject({ kind: 'transient' })
    expect(await inspect({ ...job, provider_ref: null })).toEqual({ state: 'unknown' })
  })

  test('tells the end of a detached training through its log', async () => {
    const job = await launched()
    await expect.poll(() => podOf(job).status).toBe('RUNNING')
    podOf(job).say('container', '[runner] smoke')
    podOf(job).say(
      'container',
      'finetunelab {"type": "status", "status": "succeeded", "result_path": "/workspace/o"}',
    )
    const end = {
      state: 'spent',
      outcome: { status: 'succeeded', resultPath: '/workspace/o' },
      replaceable: false,
    }
    expect(await inspect(job)).toEqual(end)
    // Its log was read before, which counts as having been heard of.
    expect(await inspect({ ...job, detached: true, last_heartbeat_at: new Date().toISOString() })).toEqual(
      end,
    )
  })
})

describe('the end', () => {
  test('is verified: a pod that lingers is waited for', async () => {
    const job = await launched()
    runpod.deletionSeconds = 0.2
    await launcher.cancel(job)
    expect(runpod.pods.size).toBe(0)
    expect(runpod.seen.at(-1)).toMatchObject({ method: 'GET', path: `/v2/pods/${job.provider_ref}` })
  })

  test('is asked for again when the answer is lost or the server fails', async () => {
    const job = await launched()
    runpod.fail('DELETE', { kind: 'answer', status: 500 })
    runpod.fail('DELETE', { kind: 'lose-answer' })
    runpod.fail('DELETE', { kind: 'answer', status: 429 })
    await launcher.cancel(job)
    expect(runpod.pods.size).toBe(0)
  })

  test('of a pod that nobody wrote down is found by its stamp; one that is not there counts as ended', async () => {
    const job = await launched()
    await launcher.cancel({ ...job, provider_ref: null })
    expect(runpod.pods.size).toBe(0)
    await launcher.cancel(job)
    await launcher.end(job.user_id, 'never-was')
  })

  test('leaves alone what another deployment, or a person, has started', async () => {
    const stranger = withKey(runpod.apiKey, crypto.randomUUID())
    await stranger.launch(aLaunch({ provider: 'runpod' }), anAccess())
    const job = await launched()
    expect((await launcher.listOurs(job.user_id)).map(({ providerRef }) => providerRef)).toEqual([
      job.provider_ref,
    ])
    await launcher.cancel({ ...job, provider_ref: null })
    expect(runpod.pods.size).toBe(1)
  })
})

describe("a pod's log", () => {
  test('is read on from where it was left, each line once', async () => {
    const job = await launched()
    const pod = runpod.pods.get(job.provider_ref!)!
    for (let line = 1; line <= 40; line++) pod.say('container', `line ${line}`)
    const first = await launcher.logs(job, null)
    expect(first?.lines.filter(({ stream }) => stream === 'stdout')).toHaveLength(40)
    for (let line = 41; line <= 50; line++) pod.say('container', `line ${line}`)
    const second = await launcher.logs(job, first!.cursor)
    expect(second?.lines.map(({ line }) => line)).toEqual(
      Array.from({ length: 10 }, (_, at) => `line ${at + 41}`),
    )
    expect(await launcher.logs(job, second!.cursor)).toEqual({ lines: [], cursor: second!.cursor })
  })

  test('that cannot be had is none, and not a failure', async () => {
    const job = await launched()
    runpod.logsFail = true
    expect(await launcher.logs(job, null)).toBeNull()
    expect(await launcher.logs(aJob({ provider: 'runpod' }), null)).toBeNull()
  })
})
