import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Container } from '#tests/support/providers/container.ts'
import { aLaunch, anAccess, type LaunchWishes } from '#tests/support/providers/launch-request.ts'
import { type ProviderDouble, startProviderServer } from '#tests/support/providers/provider-server.ts'
import { bootstrapOf, checkEnvironment } from './bootstrap.ts'
import type { RunnerAccess } from './launcher.ts'

/** A control plane that serves a runner and hears reports, and a container that is started with a bootstrap. */
let lab: ProviderDouble
let runner = ''
let container: Container | undefined
let lines: string[] = []
let exits: number[] = []

beforeEach(async () => {
  lines = []
  exits = []
  lab = await startProviderServer(({ path }) =>
    path === '/runner.py' ? { status: 200, body: runner } : { status: 200, body: { cancel: false } },
  )
})
afterEach(async () => {
  await container?.remove()
  container = undefined
  await lab.close()
})

interface Start {
  wishes?: Partial<LaunchWishes>
  access?: Partial<RunnerAccess>
  keepAlive?: boolean
  restarts?: boolean
  /** Changes to what the container is started with. */
  environment?: Record<string, string>
}

function start({ wishes, access, keepAlive = false, restarts = false, environment }: Start = {}) {
  const boot = bootstrapOf(
    aLaunch({ provider: 'runpod', trainer: 'smoke', ...wishes }),
    anAccess({
      token: 'job_token',
      baseUrl: lab.url,
      runner: { url: `${lab.url}/runner.py`, sha256: createHash('sha256').update(runner).digest('hex') },
      ...access,
    }),
    { workDir: '/workspace/job', keepAlive, gpus: 1 },
  )
  container = new Container({
    command: boot.command,
    environment: { ...boot.environment, ...boot.secrets, RETRY_SECONDS: '0.01', ...environment },
    mountPath: '/workspace',
    restarts,
    onStart() {},
    onLine: (line) => lines.push(line),
    onEnd: (status) => exits.push(status),
  })
  return container
}

const reports = () =>
  lab.seen
    .filter(({ path }) => path.endsWith('/report'))
    .map(({ body, headers }) => ({ body, authorization: headers.authorization }))
const output = () => lines.join('\n')
// Each start is a shell and an interpreter, on a machine that may be busy with others.
const patience = { timeout: 50_000 }
vi.setConfig({ testTimeout: 60_000 })
const reported = (code: string) => ({
  body: { status: 'failed', error: { code, message: expect.any(String) } },
  authorization: 'Bearer job_token',
})

describe('the bootstrap', () => {
  test('fetches the runner, proves it, and runs it with what it needs', async () => {
    runner = `import os, json; print(json.dumps({k: os.environ.get(k) for k in ("JOB_ID", "JOB_TOKEN", "FINETUNELAB_URL", "INSTALL_TRAINER", "WORK_DIR", "RUNPOD_API_KEY")}))`
    start({ environment: { RUNPOD_API_KEY: 'the-pods-own' } })
    await expect.poll(() => exits, patience).toEqual([0])
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      JOB_TOKEN: 'job_token',
      FINETUNELAB_URL: lab.url,
      INSTALL_TRAINER: '1',
      WORK_DIR: expect.stringContaining('/job'),
      RUNPOD_API_KEY: null,
    })
  })

  test("is the job's own, and keeps the base model beside its work, whatever the provider sets", async () => {
    runner =
      'import os, json; print(json.dumps([os.environ[name] for name in ("JOB_ID", "HF_HOME", "WORK_DIR")]))'
    start({ environment: { JOB_ID: 'of-the-provider' } })
    await expect.poll(() => exits, patience).toEqual([0])
    const [jobId, home, work] = JSON.parse(lines.at(-1)!) as string[]
    expect(jobId).toMatch(/^[0-9a-f-]{36}$/)
    expect(home).toBe(`${work}/huggingface`)
  })

  test('hands on what a person has set, whatever is in it', async () => {
    const hostile = `'; touch /tmp/owned; "$(id)" \`id\` \\ \n %s \u{1f980} EOF\nEND`
    runner = 'import os, json; print(json.dumps(os.environ["MINE"]))'
    start({ wishes: { environment: { MINE: hostile } } })
    await expect.poll(() => exits, patience).toEqual([0])
    expect(JSON.parse(lines.at(-1)!)).toBe(hostile)
  })

  test('does not run what is not the runner, and says so', async () => {
    runner = 'print("owned")'
    start({ access: { runner: { url: `${lab.url}/runner.py`, sha256: 'f'.repeat(64) } } })
    await expect.poll(() => exits, patience).toEqual([1])
    expect(output()).not.toContain('owned')
    expect(reports()).toEqual([reported('runner_corrupt')])
  })

  test('tries again when the runner does not come at once', async () => {
    runner = 'print("it runs")'
    lab.fail('GET /runner.py', { kind: 'answer', status: 503 }, 2)
    lab.fail('GET /runner.py', { kind: 'lose-answer' })
    start()
    await expect.poll(() => exits, patience).toEqual([0])
    expect(lines.at(-1)).toBe('it runs')
  })

  test('gives up, and says so, when it never comes', async () => {
    lab.fail('GET /runner.py', { kind: 'answer', status: 404 }, 100)
    start()
    await expect.poll(() => exits, patience).toEqual([1])
    expect(reports()).toEqual([reported('runner_unreachable')])
  })

  test('says that the GPU does not work before it trains on nothing', async () => {
    runner = 'print("it runs")'
    const tools = mkdtempSync(join(tmpdir(), 'finetunelab-tools-'))
    writeFileSync(join(tools, 'nvidia-smi'), '#!/bin/sh\nexit 9\n', { mode: 0o755 })
    start({ wishes: { trainer: 'trl' }, environment: { PATH: `${tools}:${process.env.PATH}` } })
    await expect.poll(() => exits, patience).toEqual([1])
    rmSync(tools, { recursive: true })
    expect(reports()).toEqual([reported('gpu_unusable')])
    expect(output()).toContain('finetunelab {"type": "status", "status": "failed"')
  })

  test.each(['curl', 'wget'])('without a Python reports by %s', async (tool) => {
    const blind = (script: string) =>
      script
        .replace(/for candidate in .*; do/, 'for candidate in none; do')
        .replaceAll(tool === 'curl' ? 'command -v wget' : 'command -v curl', 'false')
    const launch = bootstrapOf(aLaunch({ provider: 'runpod' }), anAccess(), {
      workDir: '',
      keepAlive: false,
      gpus: 1,
    })
    const script = Buffer.from(launch.environment.FINETUNELAB_BOOTSTRAP!, 'base64').toString()
    start({ environment: { FINETUNELAB_BOOTSTRAP: Buffer.from(blind(script)).toString('base64') } })
    await expect.poll(() => exits, patience).toEqual([1])
    expect(reports()).toEqual([reported('python_missing')])
  })
})

describe('where a container is started again whenever it ends', () => {
  test('a job that failed here is not begun again: the machine waits to be terminated', async () => {
    start({
      restarts: true,
      keepAlive: true,
      access: { runner: { url: `${lab.url}/runner.py`, sha256: 'f'.repeat(64) } },
    })
    await expect.poll(output, patience).toContain('Waiting to be terminated')
    expect(exits).toEqual([])
    expect(reports()).toHaveLength(1)
  })

  test('a runner that dies goes on a few times, then the loop is reported once and stands still', async () => {
    runner = 'import sys; print("begun", flush=True); sys.exit(1)'
    const { starts } = await settled(start({ restarts: true, keepAlive: true }))
    expect(starts).toBe(6)
    expect(lines.filter((line) => line === 'begun')).toHaveLength(5)
    expect(reports()).toEqual([reported('crash_loop')])
  })

  async function settled(started: Container) {
    await expect.poll(output, patience).toContain('Waiting to be terminated')
    return started
  }
})

describe('without a control plane', () => {
  test('the runner travels along and is the one that was promised', async () => {
    start({
      access: {
        ...anAccess({ baseUrl: null }),
        runner: { ...anAccess().runner, url: null },
        dataset: { url: 'file:///nowhere.jsonl.gz', sha256: 'a'.repeat(64) },
      },
    })
    await expect.poll(() => exits, { timeout: 20_000 }).toEqual([1])
    expect(output()).toMatch(/^finetunelab \{"type": ?"status", ?"status": ?"failed"/m)
    expect(lab.seen).toEqual([])
  })
})

describe('what a person may set', () => {
  test.each([
    'JOB_TOKEN',
    'DATASET_URL',
    'RUNNER_URL',
    'FINETUNELAB_BOOTSTRAP',
    'KEEP_ALIVE',
    'a-b',
    '',
    '2X',
  ])('is not %o', (name) => {
    expect(() => checkEnvironment({ [name]: 'x' })).toThrow(/cannot be set/)
  })

  test('is any other name and text', () => {
    expect(() => checkEnvironment({ HF_TOKEN: 'hf_x', WANDB_MODE: '', _x: '$(id)' })).not.toThrow()
  })
})
