import { randomInt } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { startCaretaker } from '#lib/training/caretaker.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { cancelUpload } from '#lib/training/uploads/cancel-upload.ts'
import { endUpload } from '#lib/training/uploads/end-upload.ts'
import { findSession } from '#lib/training/uploads/session-row.ts'
import { sweepUploads } from '#lib/training/uploads/sweep-uploads.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases, freshDatabaseUrl } from '../support/postgres/database-kinds.ts'

const tus = '/api/training/upload/tus'

describeOnDatabases('a resumable upload', (database) => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database })
  })
  afterAll(() => app.close())

  const call = (path: string, init: RequestInit = {}) =>
    app.asOwner(path, { ...init, headers: { 'tus-resumable': '1.0.0', ...(init.headers as object) } })

  async function create(file: Buffer, metadata: Record<string, string> = {}): Promise<string> {
    const pairs = Object.entries(metadata).map(
      ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
    )
    const created = await call(tus, {
      method: 'POST',
      headers: { 'upload-length': String(file.length), 'upload-metadata': pairs.join(',') },
    })
    expect(created.status).toBe(201)
    return created.headers.get('location')!
  }

  const patch = (location: string, file: Buffer, offset: number, end = file.length) =>
    call(location, {
      method: 'PATCH',
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
      body: new Uint8Array(file.subarray(offset, end)),
    })

  const offsetOf = async (location: string) =>
    Number((await call(location, { method: 'HEAD' })).headers.get('upload-offset'))

  const datasetOf = async (location: string) =>
    (await (await app.asOwner(`/api/training/dataset/${location.split('/').at(-1)}`)).json()) as Dataset

  test('in one request becomes a dataset with the name and fields that were given', async () => {
    const file = rowsOfBytes(3_000_000)
    const location = await create(file, { filename: 'kitchen.jsonl', name: 'Küche', description: 'Rezepte' })
    const sent = await patch(location, file, 0)
    expect(sent.status).toBe(204)
    expect(sent.headers.get('upload-offset')).toBe(String(file.length))
    expect(await datasetOf(location)).toMatchObject({
      name: 'Küche',
      description: 'Rezepte',
      status: 'ready',
      format: 'prompt_completion',
      raw_size_bytes: file.length,
      metadata: { original_name: 'kitchen.jsonl' },
    })
    expect(await offsetOf(location)).toBe(file.length)
  })

  test('in pieces of any size gives the same bytes as in one, and sends little twice', async () => {
    const file = rowsOfBytes(40_000_000)
    const whole = await create(file)
    await patch(whole, file, 0)
    const location = await create(file, { on_duplicate: 'keep' })
    let offset = 0
    let sentBytes = 0
    for (let requests = 0; offset < file.length; requests++) {
      expect(requests).toBeLessThan(20)
      const end = Math.min(file.length, offset + randomInt(6_000_000, 15_000_000))
      const sent = await patch(location, file, offset, end)
      expect(sent.status).toBe(204)
      const next = Number(sent.headers.get('upload-offset'))
      expect(end - next).toBeLessThan(4 << 20)
      expect(await offsetOf(location)).toBe(next)
      sentBytes += end - offset
      offset = next
    }
    expect(sentBytes).toBeGreaterThan(file.length)
    const [one, pieces] = [await datasetOf(whole), await datasetOf(location)]
    expect(pieces.sha256).toBe(one.sha256)
    expect(pieces.metadata.report).toEqual(one.metadata.report)
    const rows = (await (
      await app.asOwner(`/api/training/dataset/${pieces.id}/rows?offset=${pieces.total_examples! - 1}`)
    ).json()) as { rows: unknown[] }
    expect(rows.rows).toHaveLength(1)
  })

  test('with a bad row is refused, leaves nothing, and says why again to who missed it', async () => {
    const file = Buffer.from('{"prompt": "a", "completion": "b"}\n{"prompt": "a"\n')
    const location = await create(file)
    const refused = await patch(location, file, 0)
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ code: 'invalid_dataset', report: { rows_read: 2 } })
    expect((await call(location, { method: 'HEAD' })).status).toBe(422)
    const session = (await (await app.asOwner(location)).json()) as UploadSession
    expect(session).toMatchObject({ status: 'failed', error: { code: 'invalid_dataset' } })
    expect((await app.asOwner(`/api/training/dataset/${session.id}`)).status).toBe(404)
  })

  test('says what is wrong with a file of NUL characters, and takes a name without them', async () => {
    const twice = '{"prompt": "p", "completion": "c", "x\\u0000": 1, "x\\u0000": 2}\n'
    const file = Buffer.from(`${twice}{"prompt": "p"\n`)
    const location = await create(file, { filename: 'a\0b.jsonl' })
    expect((await patch(location, file, 0)).status).toBe(422)
    const session = (await (await app.asOwner(location)).json()) as UploadSession
    expect(session).toMatchObject({ status: 'failed', file_name: 'ab.jsonl' })
    expect(JSON.stringify(session.error)).toContain('/x\ufffd')
  })

  test('of bytes that are there already asks first; the owner can keep both or neither', async () => {
    const file = rowsOfBytes(100_000)
    const first = await create(file, { name: 'First' })
    await patch(first, file, 0)
    const second = await create(file, { name: 'Second' })
    const asked = await patch(second, file, 0)
    expect(asked.status).toBe(409)
    expect(await asked.json()).toMatchObject({ code: 'duplicate_dataset', dataset: { name: 'First' } })
    const id = second.split('/').at(-1)
    expect((await app.asOwner(`/api/training/dataset/${id}`)).status).toBe(404)
    expect(await unfinished()).toContainEqual(expect.objectContaining({ id, status: 'duplicate' }))
    const kept = await patch(`${second}?on_duplicate=keep`, file, file.length)
    expect(kept.status).toBe(204)
    expect((await datasetOf(second)).sha256).toBe((await datasetOf(first)).sha256)

    const third = await create(file, { name: 'Third' })
    await patch(third, file, 0)
    expect((await call(third, { method: 'DELETE' })).status).toBe(204)
    expect((await call(third, { method: 'HEAD' })).status).toBe(404)
  })

  test('and a form of bytes that are there: stored and reported, or refused where that was asked for', async () => {
    const send = async (fields: Record<string, string>) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.set(name, value)
      form.set('file', new Blob([new Uint8Array(file)]), 'rows.jsonl')
      const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
      return { status: answer.status, body: (await answer.json()) as { dataset: Dataset } }
    }
    const file = rowsOfBytes(50_000)
    const first = await send({ name: 'One' })
    expect(first).toMatchObject({ status: 201, body: { duplicate_of: null } })
    expect(await send({ name: 'Two' })).toMatchObject({
      status: 201,
      body: { duplicate_of: { id: first.body.dataset.id } },
    })
    const refused = await send({ name: 'Three', on_duplicate: 'ask' })
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'duplicate_dataset', dataset: { name: 'One' } },
    })
    const list = (await (await app.asOwner('/api/training/dataset?search=Three')).json()) as { count: number }
    expect(list.count).toBe(0)
  })

  test('has one writer at a time', async () => {
    const file = rowsOfBytes(9_000_000)
    const location = await create(file)
    const held = Promise.withResolvers<void>()
    const slow = call(location, {
      method: 'PATCH',
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
      body: (async function* () {
        yield file.subarray(0, 5_000_000)
        await held.promise
        yield file.subarray(5_000_000)
      })() as never,
      duplex: 'half',
    } as RequestInit)
    await expect
      .poll(async () => ((await (await app.asOwner(location)).json()) as UploadSession).active)
      .toBe(true)
    const other = await patch(location, file, 0)
    expect(other.status).toBe(409)
    expect(await other.json()).toMatchObject({ code: 'upload_busy' })
    expect(other.headers.get('tus-resumable')).toBe('1.0.0')
    held.resolve()
    expect((await slow).status).toBe(204)
    expect((await datasetOf(location)).status).toBe('ready')
  })

  test('goes on behind the last whole block when the sender goes away', async () => {
    const file = rowsOfBytes(20_000_000)
    const location = await create(file)
    const away = new AbortController()
    await call(location, {
      method: 'PATCH',
      signal: away.signal,
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
      body: (async function* () {
        yield file.subarray(0, 11_000_000)
        setTimeout(() => away.abort(), 300)
        await new Promise(() => {})
      })() as never,
      duplex: 'half',
    } as RequestInit).catch(() => {})
    await expect.poll(() => offsetOf(location), { timeout: 5000 }).toBeGreaterThan(11_000_000 - (4 << 20))
    const session = async () => (await (await app.asOwner(location)).json()) as UploadSession
    await expect.poll(async () => (await session()).active, { timeout: 5000 }).toBe(false)
    expect((await patch(location, file, await offsetOf(location))).status).toBe(204)
    expect((await datasetOf(location)).raw_size_bytes).toBe(file.length)
  })

  /** So much of a file that the store holds some of it. */
  async function halfSent(file: Buffer): Promise<string> {
    const location = await create(file)
    const sent = await patch(location, file, 0, 13_000_000)
    expect(Number(sent.headers.get('upload-offset'))).toBeGreaterThan(0)
    return location
  }

  test('tells whoever waits for it as soon as more of it is safe, and after a second in any case', async () => {
    const file = rowsOfBytes(20 << 20)
    const location = await create(file)
    const beyond = async (bytes: number) => {
      const started = performance.now()
      const { offset } = (await (await call(`${location}?beyond=${bytes}`)).json()) as UploadSession
      return { offset, milliseconds: performance.now() - started }
    }
    const nothingYet = await beyond(0)
    expect(nothingYet.offset).toBe(0)
    expect(nothingYet.milliseconds).toBeGreaterThan(900)

    const waiting = beyond(0)
    const sending = patch(location, file, 0, 15 << 20)
    const { offset } = await waiting
    expect(offset).toBeGreaterThan(0)
    await sending
    expect((await beyond(0)).milliseconds).toBeLessThan(900)
    expect((await patch(location, file, await offsetOf(location))).status).toBe(204)
    expect((await beyond(file.length)).milliseconds).toBeLessThan(900)
  })

  test('that expired is removed from the store as well', async () => {
    const location = await halfSent(rowsOfBytes(20_000_000))
    expect(await partials()).toHaveLength(1)
    await app.services.db.service
      .updateTable('dataset_upload_sessions')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .where('id', '=', location.split('/').at(-1)!)
      .execute()
    expect((await call(location, { method: 'HEAD' })).status).toBe(404)
    expect(await sweepUploads(app.services)).toEqual({ removed: 1 })
    expect(await partials()).toEqual([])
  })

  test('that expired is looked for by the caretaker', async () => {
    await halfSent(rowsOfBytes(20_000_000))
    await app.services.db.service
      .updateTable('dataset_upload_sessions')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .execute()
    const caretaker = await startCaretaker(app.services, { alone: false })
    await caretaker.stop()
    expect(await partials()).toEqual([])
  })

  test('that is cancelled leaves nothing in the store', async () => {
    const location = await halfSent(rowsOfBytes(20_000_000))
    expect((await call(location, { method: 'DELETE' })).status).toBe(204)
    expect(await partials()).toEqual([])
  })

  test('that is cancelled in the moment of its commit leaves no object that nobody owns', async () => {
    const location = await create(rowsOfBytes(1000))
    const owner = await app.services.identity.ensureOwner()
    const session = await findSession(app.services, owner, location.split('/').at(-1)!)
    const store = app.services.stores.open('local', { aws: null })
    const put = await store.resumable!.begin(session.storage_path)
    await put.append(Buffer.from('whole'))
    const late = Object.assign(Object.create(put), {
      commit: async () => {
        await cancelUpload(app.services, owner, session.id)
        await put.commit()
        expect(await store.head(session.storage_path)).not.toBeNull()
      },
    })
    const result = { report: { rows_read: 1 }, members: [], sha256: '0'.repeat(64) } as never
    const ending = { session, turn: null as never, put: late, result, keepDuplicate: true }
    await expect(endUpload(app.services, owner, ending)).rejects.toMatchObject({ code: 'upload_gone' })
    expect(await store.head(session.storage_path)).toBeNull()
  })

  test('whose store lost its beginning says so and starts again', async () => {
    const file = rowsOfBytes(20_000_000)
    const location = await halfSent(file)
    await rm(join(app.dataDir, 'datasets/.resumable'), { recursive: true })
    const lost = await patch(location, file, await offsetOf(location))
    expect(lost.status).toBe(409)
    expect(await lost.json()).toMatchObject({ code: 'upload_starts_again' })
    expect(await offsetOf(location)).toBe(0)
    expect((await patch(location, file, 0)).status).toBe(204)
    expect((await datasetOf(location)).raw_size_bytes).toBe(file.length)
  })

  test('of a compressed file starts again when it breaks off, and says so beforehand', async () => {
    const file = gzipSync(rowsOfBytes(30_000_000), { level: 1 })
    const location = await create(file)
    const sent = await patch(location, file, 0, file.length - 100)
    expect(sent.headers.get('upload-offset')).toBe('0')
    expect(await (await app.asOwner(location)).json()).toMatchObject({ resumable: false, offset: 0 })
    expect((await patch(location, file, 0)).status).toBe(204)
    expect((await datasetOf(location)).raw_size_bytes).toBeGreaterThan(29_000_000)
    expect(await partials()).toEqual([])
  })

  test('is of nobody else', async () => {
    const { status } = await fetch(`${app.url}${await create(rowsOfBytes(100))}`, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    })
    expect(status).toBe(401)
  })

  test.each([
    ['without its version', { 'tus-resumable': '' }, 412],
    ['without a length', { 'upload-length': '' }, 400],
    ['with a field that is wrong', { 'upload-metadata': `format ${btoa('nonsense')}` }, 400],
    ['of an empty file', { 'upload-length': '0' }, 422],
    ['for a store that nobody knows', { 'upload-metadata': `storage_provider ${btoa('floppy')}` }, 400],
  ])('%s is refused at once', async (_, headers, status) => {
    const made = await call(tus, { method: 'POST', headers: { 'upload-length': '5', ...headers } })
    expect(made.status).toBe(status)
  })

  test('is what any tus client can do, also one that sends in chunks and with the creation', async () => {
    const file = rowsOfBytes(25_000_000)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const upload = new Upload(file, {
      endpoint: `${app.url}${tus}`,
      headers: { authorization: `Bearer ${app.ownerToken}` },
      chunkSize: 10_000_000,
      uploadDataDuringCreation: true,
      metadata: { filename: 'rows.jsonl' },
      onSuccess: () => resolve(),
      onError: reject,
    })
    upload.start()
    await promise
    expect((await datasetOf(upload.url!)).raw_size_bytes).toBe(file.length)
  })

  test('says what it can do', async () => {
    const described = await fetch(`${app.url}${tus}`, { method: 'OPTIONS' })
    expect(described.headers.get('tus-extension')).toBe(
      'creation,creation-with-upload,termination,expiration',
    )
  })

  const partials = () => readdir(join(app.dataDir, 'datasets/.resumable')).catch(() => [])

  const unfinished = async () =>
    ((await (await app.asOwner('/api/training/upload')).json()) as { uploads: UploadSession[] }).uploads
})

test('goes on in another process that shares the database and the store', async (context) => {
  const { missing } = inject('postgres')
  if (missing) context.skip(missing)
  const settings = { DATABASE_URL: await freshDatabaseUrl() }
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-two-'))
  const [first, second] = [await startApp({ settings, dataDir }), await startApp({ settings, dataDir })]
  onTestFinished(async () => {
    await first.close()
    await second.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const file = rowsOfBytes(20_000_000)
  const headers = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
  const created = await first.asOwner(tus, {
    method: 'POST',
    headers: { ...headers, 'content-type': '', 'upload-length': String(file.length) },
  })
  const location = created.headers.get('location')!
  const send = (app: TestApp, offset: number, end: number) =>
    app.asOwner(location, {
      method: 'PATCH',
      headers: { ...headers, 'upload-offset': String(offset) },
      body: new Uint8Array(file.subarray(offset, end)),
    })
  const offset = Number((await send(first, 0, 14_000_000)).headers.get('upload-offset'))
  expect(offset).toBeGreaterThan(8_000_000)
  expect((await send(second, offset, file.length)).status).toBe(204)
  const dataset = (await (
    await first.asOwner(`/api/training/dataset/${location.split('/').at(-1)}`)
  ).json()) as Dataset
  expect(dataset).toMatchObject({ status: 'ready', raw_size_bytes: file.length })
})

let seed = 0
/** Rows about so many bytes long, different at each call. */
function rowsOfBytes(bytes: number): Buffer {
  const rows: string[] = []
  seed += 1
  for (let index = 0, length = 0; length < bytes; index++) {
    const answer = Array.from({ length: 60 }, (_, word) =>
      Math.imul(index + word + seed, 2_654_435_761).toString(36),
    ).join(' ')
    rows.push(JSON.stringify({ prompt: `${seed} ${index}?`, completion: answer }))
    length += rows.at(-1)!.length + 1
  }
  return Buffer.from(`${rows.join('\n')}\n`)
}
