import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Job } from '#lib/training/job.types.ts'
import { type AppProcess, spawnApp } from '../support/app/spawn-app.ts'
import { ownerToken, startApp, type TestApp } from '../support/app/start-app.ts'
import { readJob, trainLocally } from '../support/app/train-locally.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

const soon = { timeout: 40_000, interval: 100 }

/** A trainer that writes down its process and that of a child, says it is alive, and stays. */
const stays = `
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1] + "/pids", "w").write(f"{os.getpid()} {child.pid}")
print({"loss": 2.5, "step": 1}, flush=True)
print("still at it", flush=True)
time.sleep(600)
`

async function commandConfig(folder: string) {
  const script = join(folder, 'stays.py')
  await writeFile(script, stays)
  return { trainer: 'command' as const, hyperparameters: { command: `{python} ${script} {work_dir}` } }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function trainerPids(dataDir: string, jobId: string): Promise<number[]> {
  const found: number[] = []
  await expect
    .poll(async () => {
      const text = await readFile(join(dataDir, 'jobs', jobId, 'pids'), 'utf8').catch(() => '')
      found.splice(0, 2, ...text.split(' ').map(Number))
      return found.filter((pid) => pid > 1).length
    }, soon)
    .toBe(2)
  return found
}

describeOnDatabases('a training on this machine', (database) => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database })
  })
  afterAll(() => app.close())

  test('learns from the data, reports its loss, and says where the result lies', async () => {
    const id = await trainLocally(app.asOwner)
    await expect.poll(async () => (await readJob(app.asOwner, id)).status, soon).toBe('succeeded')
    const job = await readJob(app.asOwner, id)
    expect(job.result_path).toContain(id)
    expect(job.progress?.step).toBe(job.progress?.total_steps)
    const { batches } = (await (await app.asOwner(`/api/training/jobs/${id}/metrics`)).json()) as {
      batches: { points: { loss?: number }[] }[]
    }
    const losses = batches.flatMap(({ points }) =>
      points.flatMap(({ loss }) => (loss === undefined ? [] : [loss])),
    )
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.7)
  })

  test('is cancelled with everything that it started', async () => {
    const id = await trainLocally(app.asOwner, await commandConfig(app.dataDir))
    const pids = await trainerPids(app.dataDir, id)
    expect(pids.map(isAlive)).toEqual([true, true])
    const answer = await app.asOwner(`/api/training/jobs/${id}/cancel`, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(202)
    await expect.poll(async () => (await readJob(app.asOwner, id)).status, soon).toBe('cancelled')
    // The system may take a moment to bury them.
    await expect.poll(() => pids.map(isAlive), { timeout: 5000 }).toEqual([false, false])
  })

  test('that cannot use its dataset is refused with the reason', async () => {
    await expect(trainLocally(app.asOwner, { method: 'dpo' })).rejects.toThrow('dataset_incompatible')
  })

  test('fails with the last lines of its log when its process dies', async () => {
    const id = await trainLocally(app.asOwner, await commandConfig(app.dataDir))
    await trainerPids(app.dataDir, id)
    await expect.poll(async () => (await readJob(app.asOwner, id)).metrics?.loss, soon).toBe(2.5)
    const job = await readJob(app.asOwner, id)
    process.kill(Number(job.provider_ref!.split(':')[1]), 'SIGKILL')
    await expect.poll(async () => (await readJob(app.asOwner, id)).status, soon).toBe('failed')
    const failed: Job = await readJob(app.asOwner, id)
    expect(failed.error).toMatchObject({
      code: 'process_died',
      message: expect.stringContaining('still at it'),
    })
  })
})

describe('a server that is killed while a training runs', () => {
  let dataDir: string
  let server: AppProcess | null = null

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-watch-'))
  })
  afterEach(async () => {
    await server?.kill()
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const start = async (port = '0') => {
    server = await spawnApp({ DATA_DIR: dataDir, OWNER_TOKEN: ownerToken, PORT: port })
    const { url } = server
    const asOwner = (path: string, init?: RequestInit) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${ownerToken}` } })
    return { server, asOwner }
  }

  test('goes on watching it after a restart, and can still cancel it', async () => {
    const before = await start()
    const id = await trainLocally(before.asOwner, await commandConfig(dataDir))
    const pids = await trainerPids(dataDir, id)
    await before.server.kill()
    expect(pids.map(isAlive)).toEqual([true, true])

    const after = await start(new URL(before.server.url).port)
    await expect.poll(async () => (await readJob(after.asOwner, id)).status, soon).toBe('running')
    await after.asOwner(`/api/training/jobs/${id}/cancel`, { method: 'POST', body: '{}' })
    await expect.poll(async () => (await readJob(after.asOwner, id)).status, soon).toBe('cancelled')
    // The system may take a moment to bury them.
    await expect.poll(() => pids.map(isAlive), { timeout: 5000 }).toEqual([false, false])
  })
})
