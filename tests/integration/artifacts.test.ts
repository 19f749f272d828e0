import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putArtifact } from '#lib/training/artifacts/put-artifact.ts'
import { sweepArtifacts } from '#lib/training/artifacts/sweep-artifacts.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { addRunningJob, type RunningJob } from '../support/app/running-job.ts'
import { type ArtifactSending, sendArtifact, sha256Of } from '../support/app/send-artifact.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

const soon = { timeout: 15_000, interval: 50 }

const bytesOf = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255)

describeOnDatabases('artifacts', (database) => {
  let app: TestApp
  let owner: string

  beforeAll(async () => {
    app = await startApp({
      database,
      settings: { ARTIFACT_BYTES_MAX: '3000000', ARTIFACTS_BYTES_MAX: '5000000' },
    })
    owner = (await app.services.identity.ensureOwner()).id
  })
  afterAll(() => app?.close())

  const newJob = () => addRunningJob(app.services.db, { owner })
  const send = (job: RunningJob, rest: Pick<ArtifactSending, 'name' | 'bytes'> & Partial<ArtifactSending>) =>
    sendArtifact({ url: app.url, token: job.token, jobId: job.id, ...rest })
  const as = (token: string, path: string, init: RequestInit = {}) =>
    fetch(`${app.url}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
  const at = (job: RunningJob, name = '') => `/api/training/jobs/${job.id}/artifacts${name && `/${name}`}`
  const progress = async (job: RunningJob, name: string, bytes: Uint8Array) => {
    const answer = await as(job.token, `${at(job, name)}/progress?sha256=${sha256Of(bytes)}`)
    return (await answer.json()) as { received_bytes: number; complete: boolean }
  }
  const names = async (job: RunningJob) => {
    const { artifacts } = (await (await app.asOwner(at(job))).json()) as { artifacts: { name: string }[] }
    return artifacts.map(({ name }) => name)
  }
  const objects = (job: RunningJob) =>
    readdir(join(app.dataDir, 'datasets', owner, 'artifacts', job.id)).catch(() => [])
  const partialFolder = () => join(app.dataDir, 'datasets', '.resumable')
  const partials = () => readdir(partialFolder()).catch(() => [])
  const partialBytes = async () => {
    const sizes = await Promise.all((await partials()).map((name) => stat(join(partialFolder(), name))))
    return sizes.reduce((sum, { size }) => sum + size, 0)
  }

  test('are there once they are whole, for their owner and for the job, and for nobody else', async () => {
    const job = await newJob()
    const bytes = bytesOf(700_001)
    const first = await send(job, { name: 'adapter.tar', bytes })
    expect(first).toMatchObject({
      status: 201,
      body: { artifact: { name: 'adapter.tar', size_bytes: 700_001, sha256: sha256Of(bytes) } },
    })
    expect(await send(job, { name: 'adapter.tar', bytes })).toMatchObject({
      status: 200,
      body: first!.body,
    })
    expect(await names(job)).toEqual(['adapter.tar'])
    for (const token of [app.ownerToken, job.token]) {
      const whole = await as(token, at(job, 'adapter.tar'))
      expect(whole.headers.get('content-disposition')).toContain('adapter.tar')
      expect(sha256Of(new Uint8Array(await whole.arrayBuffer()))).toBe(sha256Of(bytes))
    }
    const part = await app.asOwner(at(job, 'adapter.tar'), { headers: { range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 20))

    const other = await newJob()
    expect((await as(other.token, at(job, 'adapter.tar'))).status).toBe(401)
    const strangers = await addRunningJob(app.services.db, { owner: crypto.randomUUID() })
    expect((await app.asOwner(at(strangers))).status).toBe(404)
    expect((await app.asOwner(at(strangers, 'adapter.tar'))).status).toBe(404)
    expect((await fetch(`${app.url}${at(job, 'adapter.tar')}`)).status).toBe(401)
  })

  test('go on where they were cut off, and become the same bytes', async () => {
    const job = await newJob()
    const bytes = bytesOf(2_500_000)
    const beforeCut = () => expect.poll(partialBytes, soon).toBeGreaterThan(900_000)
    expect(await send(job, { name: 'checkpoint.tar', bytes, cutAfterBytes: 1_000_000, beforeCut })).toBeNull()
    let start = 0
    await expect
      .poll(async () => {
        const { received_bytes } = await progress(job, 'checkpoint.tar', bytes)
        start = received_bytes
        return start
      }, soon)
      .toBeGreaterThan(900_000)
    expect(await names(job)).toEqual([])
    // From the beginning, from somewhere else: refused, with the place.
    await expect
      .poll(() => send(job, { name: 'checkpoint.tar', bytes }), soon)
      .toMatchObject({ status: 409, body: { code: 'artifact_offset', received_bytes: start } })
    expect(await send(job, { name: 'checkpoint.tar', bytes, start })).toMatchObject({ status: 201 })
    expect(await progress(job, 'checkpoint.tar', bytes)).toEqual({
      received_bytes: 2_500_000,
      complete: true,
    })
    const back = await as(job.token, at(job, 'checkpoint.tar'))
    expect(sha256Of(new Uint8Array(await back.arrayBuffer()))).toBe(sha256Of(bytes))
    expect(await partials()).toEqual([])
  })

  test('that are not what they claim leave nothing behind', async () => {
    const job = await newJob()
    const bytes = bytesOf(50_000)
    const sha256 = sha256Of(bytesOf(50_000, 2))
    const answer = await send(job, { name: 'adapter.tar', bytes, sha256 })
    expect(answer).toMatchObject({ status: 422, body: { code: 'artifact_corrupt' } })
    expect(await names(job)).toEqual([])
    expect([...(await objects(job)), ...(await partials())]).toEqual([])
    expect(await send(job, { name: 'adapter.tar', bytes })).toMatchObject({ status: 201 })
  })

  test('take the place of their name in one step, and only the newer bytes stay', async () => {
    const job = await newJob()
    await send(job, { name: 'checkpoint.tar', bytes: bytesOf(1000, 1) })
    // An unfinished one of other bytes changes nothing.
    expect(
      await send(job, { name: 'checkpoint.tar', bytes: bytesOf(900_000, 2), cutAfterBytes: 300_000 }),
    ).toBeNull()
    expect(await (await app.asOwner(at(job, 'checkpoint.tar'))).arrayBuffer()).toHaveProperty(
      'byteLength',
      1000,
    )
    expect(await send(job, { name: 'checkpoint.tar', bytes: bytesOf(2000, 3) })).toMatchObject({
      status: 201,
    })
    expect(await (await app.asOwner(at(job, 'checkpoint.tar'))).arrayBuffer()).toHaveProperty(
      'byteLength',
      2000,
    )
    expect(await names(job)).toEqual(['checkpoint.tar'])
    await sweepArtifacts(app.services)
    expect(await objects(job)).toHaveLength(1)
    expect(await partials()).toEqual([])
  })

  test('whose turn is taken before their row says where the store has them leave nothing there', async () => {
    const job = await newJob()
    const bytes = bytesOf(1000)
    const overtaken = {
      ...app.services,
      async storageAccess(userId: string) {
        const { db, storageAccess } = app.services
        await db.service
          .updateTable('training_job_artifacts')
          .set({ status: 'removing', writer_id: null })
          .where('job_id', '=', job.id)
          .where('writer_id', 'is not', null)
          .execute()
        return storageAccess(userId)
      },
    }
    const sending = putArtifact(overtaken, await getJob(app.services, { id: owner }, job.id), {
      name: 'a.tar',
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
      start: 0,
      body: Readable.from([bytes]),
      signal: AbortSignal.timeout(10_000),
    })
    await expect(sending).rejects.toMatchObject({ code: 'upload_taken_over' })
    expect(await partials()).toEqual([])
  })

  test('that are too large are refused before a byte of them is sent', async () => {
    const job = await newJob()
    const ask = (name: string, size: number) =>
      as(job.token, `${at(job, name)}/progress?sha256=${'0'.repeat(64)}&size_bytes=${size}`)
    expect((await ask('a.tar', 3_000_000)).status).toBe(200)
    expect(await (await ask('a.tar', 3_000_001)).json()).toMatchObject({ code: 'artifact_too_large' })
    expect(await send(job, { name: 'a.tar', bytes: bytesOf(2_600_000) })).toMatchObject({ status: 201 })
    // All of a job's together; one of the same name is replaced and does not count.
    expect((await ask('b.tar', 2_600_000)).status).toBe(413)
    expect((await ask('a.tar', 2_700_000)).status).toBe(200)
    expect(await send(job, { name: 'b.tar', bytes: bytesOf(2_600_000) })).not.toMatchObject({ status: 201 })
    expect(await names(job)).toEqual(['a.tar'])
  })

  test('need a hash, a length and a name that can be a file', async () => {
    const job = await newJob()
    const put = (name: string, headers: Record<string, string>) =>
      as(job.token, at(job, name), { method: 'PUT', body: 'x', headers })
    const hash = { 'x-content-sha256': sha256Of(Buffer.from('x')) }
    expect(await (await put('a', {})).json()).toMatchObject({ code: 'artifact_hash_missing' })
    expect(await (await put('%2Ehidden', hash)).json()).toMatchObject({ code: 'invalid_artifact_name' })
    expect(await (await put('a%2Fb', hash)).json()).toMatchObject({ code: 'invalid_artifact_name' })
    const range = { ...hash, 'content-range': 'bytes 0-5/1' }
    expect(await (await put('a', range)).json()).toMatchObject({ code: 'invalid_content_range' })
    expect((await put('weights%2B1.tar', hash)).status).toBe(201)
    expect(await names(job)).toEqual(['weights+1.tar'])
  })

  test('are deleted by their owner, and with their job; what never became whole goes when the job ends', async () => {
    const job = await newJob()
    await send(job, { name: 'a.tar', bytes: bytesOf(1000) })
    await send(job, { name: 'b.tar', bytes: bytesOf(2000) })
    await send(job, { name: 'c.tar', bytes: bytesOf(900_000), cutAfterBytes: 300_000 })
    expect((await as(job.token, at(job, 'a.tar'), { method: 'DELETE' })).status).toBe(401)
    expect((await app.asOwner(at(job, 'a.tar'), { method: 'DELETE' })).status).toBe(200)
    expect((await app.asOwner(at(job, 'a.tar'))).status).toBe(404)
    expect(await objects(job)).toHaveLength(1)

    await app.services.db.service
      .updateTable('training_jobs')
      .set({ status: 'succeeded', ended_at: new Date(), token_hash: null })
      .where('id', '=', job.id)
      .execute()
    expect((await as(job.token, at(job))).status).toBe(401)
    expect(await send(job, { name: 'c.tar', bytes: bytesOf(10) })).toMatchObject({
      status: 401,
      body: { code: 'invalid_job_token' },
    })
    await expect
      .poll(async () => {
        await sweepArtifacts(app.services)
        return partials()
      }, soon)
      .toEqual([])
    expect(await names(job)).toEqual(['b.tar'])
    expect((await app.asOwner(`/api/training/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(200)
    expect(await objects(job)).toEqual([])
    const rows = await app.services.db.service.selectFrom('training_job_artifacts').select('id').execute()
    expect(rows).toHaveLength(await countOfOtherJobs(app, job))
  })
})

async function countOfOtherJobs(app: TestApp, job: RunningJob): Promise<number> {
  const rows = await app.services.db.service
    .selectFrom('training_job_artifacts')
    .select('job_id')
    .where('status', '=', 'ready')
    .execute()
  return rows.filter(({ job_id }) => job_id !== null && job_id !== job.id).length
}
