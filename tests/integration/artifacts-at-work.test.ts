import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Artifact, Job } from '#lib/training/job.types.ts'
import { addRunningJob, type RunningJob } from '../support/app/running-job.ts'
import { sendArtifact, sha256Of } from '../support/app/send-artifact.ts'
import { spawnApp } from '../support/app/spawn-app.ts'
import { ownerToken, startApp, type TestApp } from '../support/app/start-app.ts'
import { type StoreForUploads, startStoreForUploads } from '../support/uploads/stores-for-uploads.ts'

const soon = { timeout: 40_000, interval: 100 }
const MiB = 1 << 20
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-artifacts-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a folder with an owner, what its store needs, and a job that runs. */
async function folderWithJob(
  dataDir: string,
  settings: Record<string, string>,
  store: StoreForUploads,
): Promise<RunningJob> {
  const app = await startApp({ dataDir, settings })
  try {
    await store.prepare({ baseUrl: app.url, token: app.ownerToken })
    const { id: owner } = await app.services.identity.ensureOwner()
    return await addRunningJob(app.services.db, { owner })
  } finally {
    await app.close()
  }
}

/** The most memory that a process ever had. */
async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
}

describe.each(['local', 's3', 'supabase'] as const)('an artifact in the %s store', (provider) => {
  test('outlives a server that is killed in the middle of it, and comes back as it was', async () => {
    const store = await startStoreForUploads(provider)
    undo.push(() => store.close())
    const dataDir = await newFolder()
    const settings = { ARTIFACT_STORAGE_PROVIDER: provider, ...store.settings }
    const job = await folderWithJob(dataDir, settings, store)

    const bytes = new Uint8Array(192 * MiB)
    for (let start = 0; start < bytes.length; start += 4) bytes[start] = (start * 2_654_435_761) >>> 24
    const sha256 = sha256Of(bytes)
    const to = { token: job.token, jobId: job.id, name: 'checkpoint.tar', bytes, sha256 }
    const path = `/api/training/jobs/${job.id}/artifacts/checkpoint.tar`
    const standing = async (url: string) => {
      const headers = { authorization: `Bearer ${job.token}` }
      const answer = await fetch(`${url}${path}/progress?sha256=${sha256}`, { headers })
      return ((await answer.json()) as { received_bytes: number }).received_bytes
    }
    const doomed = await spawnApp({ DATA_DIR: dataDir, OWNER_TOKEN: ownerToken, ...settings })
    undo.push(() => doomed.kill())
    // A small one first: what the store's client weighs by itself is not what a file weighs.
    const small = { url: doomed.url, ...to, name: 'small.tar', bytes: bytes.subarray(0, MiB) }
    expect(await sendArtifact({ ...small, sha256: sha256Of(small.bytes) })).toMatchObject({ status: 201 })
    const before = await peakMiB(doomed.pid)
    let after = 0
    // The line stays open until most of it is safe; then the server dies with it.
    const beforeCut = async () => {
      await expect.poll(() => standing(doomed.url), soon).toBeGreaterThanOrEqual(128 * MiB)
      after = await peakMiB(doomed.pid)
      await doomed.kill()
    }
    expect(await sendArtifact({ url: doomed.url, ...to, cutAfterBytes: 184 * MiB, beforeCut })).toBeNull()
    await doomed.kill()
    // Most of it had gone through, and it was nowhere held whole.
    expect(after - before, 'MiB').toBeLessThan(80)

    const app = await startApp({ dataDir, settings })
    undo.push(() => app.close())
    const start = await standing(app.url)
    expect(start).toBeGreaterThanOrEqual(128 * MiB)
    expect(await sendArtifact({ url: app.url, ...to, start })).toMatchObject({ status: 201 })
    const back = await app.asOwner(path)
    expect(sha256Of(new Uint8Array(await back.arrayBuffer()))).toBe(sha256)

    expect((await app.asOwner(path, { method: 'DELETE' })).status).toBe(200)
    expect((await app.asOwner(path)).status).toBe(404)
    expect(await store.leftovers(dataDir)).toEqual([])
  }, 120_000)
})

const saves = resolve('runner/tests/fake_trainers/saves.py')

describe('the real runner', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app?.close())

  async function start(command: string): Promise<RunningJob> {
    const sample = await app.asOwner('/api/training/sample', { method: 'POST', body: '{}' })
    const { dataset } = (await sample.json()) as {
      dataset: { id: string; user_id: string } & Job['datasets'][0]
    }
    const { id, name, sha256, total_examples } = dataset as never as Record<string, string>
    const datasets = [{ dataset_id: id, name, weight: 1, sha256, total_examples }]
    const config = { trainer: 'command', hyperparameters: { command } }
    return addRunningJob(app.services.db, { owner: dataset.user_id, datasets, config })
  }

  async function machine(job: RunningJob): Promise<{ child: ChildProcess; printed: () => string }> {
    const place = await newFolder()
    const child = spawn('python3', ['-u', resolve('runner/finetunelab_runner.py')], {
      env: {
        PATH: process.env.PATH,
        FINETUNELAB_URL: app.url,
        JOB_ID: job.id,
        JOB_TOKEN: job.token,
        WORK_DIR: place,
        FLUSH_SECONDS: '0.1',
        RETRY_SECONDS: '0.1',
      } as never,
      detached: true,
    })
    undo.push(() => endGroup(child))
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk))
    return { child, printed: () => printed }
  }

  const artifacts = async (job: RunningJob) => {
    const answer = await app.asOwner(`/api/training/jobs/${job.id}/artifacts`)
    return ((await answer.json()) as { artifacts: Artifact[] }).artifacts
  }
  const stateOf = async (job: RunningJob) =>
    (await (await app.asOwner(`/api/training/jobs/${job.id}`)).json()) as Job

  test('leaves its result with us, and says where', async () => {
    const job = await start(`{python} ${saves} {output_dir} 2`)
    await machine(job)
    await expect.poll(async () => (await stateOf(job)).status, soon).toBe('succeeded')
    const kept = await artifacts(job)
    const result = kept.find(({ name }) => name !== 'checkpoint.tar')
    expect(result?.size_bytes).toBeGreaterThan(2_000_000)
    expect((await stateOf(job)).result_path).toBe(
      `${app.url}/api/training/jobs/${job.id}/artifacts/${result?.name}`,
    )
  })

  test('on another machine goes on from the checkpoint that a preempted one left', async () => {
    const job = await start(`{python} ${saves} {output_dir} 3 hold`)
    const first = await machine(job)
    await expect
      .poll(async () => (await artifacts(job)).map(({ name }) => name), soon)
      .toEqual(['checkpoint.tar'])
    await endGroup(first.child)
    const second = await machine(job)
    await expect.poll(second.printed, soon).toContain('begins after step 1')
    // What the second machine saves takes the place of what the first one left.
    const [before] = await artifacts(job)
    await expect
      .poll(async () => (await artifacts(job)).some(({ sha256 }) => sha256 !== before!.sha256), soon)
      .toBe(true)
    expect(await artifacts(job)).toHaveLength(1)
    expect(await readdir(join(app.dataDir, 'datasets', '.resumable'))).toEqual([])
  })
})

/** What a machine that is taken away does: everything on it is gone at once. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return
  const closed = new Promise((done) => child.once('close', done))
  process.kill(-child.pid, 'SIGKILL')
  await closed
}
