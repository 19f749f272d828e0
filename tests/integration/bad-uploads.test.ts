import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RawUpload, rawUpload } from '../support/app/raw-upload.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'

const row = (text: string) => `${JSON.stringify({ prompt: 'p', completion: text })}\n`
const goodRow = row('c')
const bytes = (text: string) => Buffer.from(text)

let app: TestApp

beforeAll(async () => {
  app = await startApp({
    settings: { INGEST_ROW_BYTES_MAX: String(1024 ** 2), INGEST_INFLATED_BYTES_MAX: String(64 * 1024 ** 2) },
  })
})
afterAll(() => app.close())

const send = (upload: RawUpload) => rawUpload(app.url, app.ownerToken, upload)

async function listDatasets() {
  const answer = await app.asOwner('/api/training/dataset')
  return ((await answer.json()) as { datasets: { id: string; name: string; storage_path: string }[] })
    .datasets
}

async function filesOnDisk(folder = app.dataDir): Promise<string[]> {
  const entries = await readdir(join(folder, 'datasets'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** A refusal is only whole when nothing of the upload is left. */
async function expectNothingKept(): Promise<void> {
  await expect.poll(listDatasets).toEqual([])
  await expect.poll(() => filesOnDisk()).toEqual([])
}

function* repeated(piece: Buffer, times: number) {
  for (let n = 0; n < times; n++) yield piece
}

test('NUL characters are shown as what cannot be shown, or refused with the field', async () => {
  const twice = '{"prompt": "p", "completion": "c", "x\\u0000": 1, "x\\u0000": 2}\n'
  const uploaded = await send({ file: [bytes(twice)] })
  expect(uploaded?.status).toBe(201)
  const { dataset } = uploaded!.body as { dataset: { id: string } }
  const asked = await app.asOwner(`/api/training/dataset/${dataset.id}`)
  expect(JSON.stringify(await asked.json())).toContain('/x\ufffd')

  const refusals: [string, RequestInit][] = [
    [
      `/api/training/dataset/${dataset.id}`,
      { method: 'PATCH', body: JSON.stringify({ description: 'a\0b' }) },
    ],
    ['/api/training/dataset?search=a%00b', {}],
    [
      '/api/secrets/runpod',
      { method: 'PUT', body: JSON.stringify({ api_key: 'rpa_x', description: 'a\0b' }) },
    ],
    ['/api/training/dataset?cursor=x', {}],
  ]
  for (const [path, init] of refusals) expect((await app.asOwner(path, init)).status).toBe(400)
  await app.asOwner(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
})

describe('a file that is refused, with its reason and without a trace', () => {
  afterEach(expectNothingKept)

  const refused: [string, RawUpload, { status: number; code: string; rule?: string }][] = [
    ['an empty file', { file: [] }, { status: 422, code: 'invalid_dataset', rule: 'file.empty' }],
    [
      'a line that never ends',
      { file: repeated(Buffer.alloc(65_536, 'a'), 200) },
      { status: 413, code: 'row_too_long' },
    ],
    [
      'bytes that are not UTF-8',
      { file: [bytes(goodRow), Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d, 0x0a])] },
      { status: 422, code: 'invalid_dataset', rule: 'encoding.utf8' },
    ],
    [
      'a gzip file that ends in the middle',
      { file: [gzipSync(bytes(goodRow.repeat(5000))).subarray(0, 200)] },
      { status: 422, code: 'truncated_file' },
    ],
    [
      'a Parquet file that ends in the middle',
      { file: [readFileSync('tests/fixtures/ingest/parquet-truncated/input.parquet')] },
      { status: 422, code: 'damaged_file' },
    ],
    [
      'a gzip bomb',
      { file: [gzipSync(bytes(goodRow.repeat(2_000_000)), { level: 9 })] },
      { status: 413, code: 'inflation_ratio' },
    ],
    [
      'nesting of 10,000 levels',
      { file: [bytes(`{"prompt":"p","completion":"c","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}\n`)] },
      { status: 422, code: 'invalid_dataset', rule: 'json.depth' },
    ],
    [
      'a CSV row with a cell too many',
      { fileName: 'a.csv', file: [bytes('prompt,completion\na,b\nc,d,e\n')] },
      { status: 422, code: 'invalid_dataset', rule: 'csv.columns' },
    ],
    [
      '200 MB of newlines',
      { file: repeated(Buffer.alloc(1_000_000, '\n'), 200) },
      { status: 422, code: 'invalid_dataset', rule: 'file.empty' },
    ],
    [
      'a name of 10,000 characters',
      { fields: { name: 'n'.repeat(10_000) }, file: [bytes(goodRow)] },
      { status: 400, code: 'invalid_request' },
    ],
    [
      'a name with line breaks',
      { fields: { name: 'a\nb' }, file: [bytes(goodRow)] },
      { status: 400, code: 'invalid_request' },
    ],
    [
      'an unknown store, before a byte of the file is read',
      { fields: { storage_provider: 'gcs' }, file: repeated(Buffer.alloc(1_000_000, 'a'), 500) },
      { status: 400, code: 'invalid_storage_provider' },
    ],
    [
      'a store that is not set up',
      { fields: { storage_provider: 's3' }, file: [bytes(goodRow)] },
      { status: 400, code: 'aws_not_configured' },
    ],
    [
      'a length that is shorter than the body',
      { file: [bytes(goodRow.repeat(1000))], claimedBytes: (real) => real - 5000 },
      { status: 400, code: 'invalid_http' },
    ],
  ]
  test.each(refused)('%s', async (_, upload, { status, code, rule }) => {
    const answer = await send(upload)
    expect(answer).toMatchObject({ status, body: { code, error: expect.any(String) } })
    if (rule) expect(JSON.stringify(answer?.body.details)).toContain(`"${rule}"`)
  })

  test('a form without a file', async () => {
    const form = new FormData()
    form.set('name', 'nothing')
    const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'file_missing' })
  })

  test('a body that is no form', async () => {
    const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: goodRow })
    expect(answer.status).toBe(415)
  })

  test('a body that is cut off in the middle', async () => {
    const file = [bytes(goodRow.repeat(200_000)), bytes(goodRow.repeat(200_000))]
    expect(await send({ file, cutAfterBytes: 1 })).toBeNull()
  })

  test('a length that is longer than the body, once the sender is gone', async () => {
    const file = [bytes(goodRow.repeat(1000))]
    expect(
      await send({ file, claimedBytes: (real) => real + 5000, cutAfterBytes: file[0]!.byteLength }),
    ).toBeNull()
  })
})

describe('a file that is odd and good', () => {
  afterEach(async () => {
    for (const { id } of await listDatasets())
      await app.asOwner(`/api/training/dataset/${id}`, { method: 'DELETE' })
  })

  const rowsOf = async (id: string) =>
    ((await (await app.asOwner(`/api/training/dataset/${id}/rows`)).json()) as { rows: unknown[] }).rows

  test('with a key called __proto__ keeps it as a key and changes no object', async () => {
    const answer = await send({ file: [bytes('{"a":1,"__proto__":{"polluted":true}}\n')] })
    const { dataset } = answer!.body as unknown as { dataset: { id: string } }
    const raw = await (await app.asOwner(`/api/training/dataset/${dataset.id}/rows`)).text()
    expect(raw).toContain('"__proto__":{"polluted":true}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('with duplicate keys is stored with a warning', async () => {
    const answer = await send({ file: [bytes('{"prompt":"p","completion":"c","completion":"d"}\n')] })
    expect(answer).toMatchObject({ status: 201 })
    expect(JSON.stringify(answer!.body.report)).toContain('json.duplicate_key')
  })

  test('in UTF-16 is stored as UTF-8', async () => {
    const answer = await send({ file: [Buffer.from([0xff, 0xfe]), Buffer.from(row('ünï'), 'utf16le')] })
    const { dataset } = answer!.body as unknown as { dataset: { id: string } }
    expect(JSON.stringify(await rowsOf(dataset.id))).toContain('ünï')
  })

  test('called ../../x is stored where every dataset is stored', async () => {
    const answer = await send({
      fields: { name: '../../x' },
      fileName: '../../x.jsonl',
      file: [bytes(goodRow)],
    })
    expect(answer).toMatchObject({ status: 201, body: { dataset: { name: '../../x' } } })
    expect(await filesOnDisk()).toEqual([`${(answer!.body.dataset as { id: string }).id}.jsonl.gz`])
  })

  test('sent twice at once under one name is two datasets', async () => {
    const answers = await Promise.all(
      ['one', 'two'].map((text) => send({ fields: { name: 'same' }, file: [bytes(row(text))] })),
    )
    expect(answers.map((answer) => answer?.status)).toEqual([201, 201])
    expect((await listDatasets()).map(({ name }) => name)).toEqual(['same', 'same'])
  })
})

describe('a full disk', () => {
  test('refuses the upload as such and keeps nothing of it', async (context) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-full-'))
    const store = join(dataDir, 'datasets')
    mkdirSync(store)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', store], { stdio: 'pipe' })
    } catch {
      await rm(dataDir, { recursive: true })
      return context.skip('a small disk cannot be mounted without privileges')
    }
    const full = await startApp({ dataDir })
    try {
      const noise = Array.from({ length: 30_000 }, () => row(crypto.randomUUID() + crypto.randomUUID()))
      const answer = await rawUpload(full.url, full.ownerToken, { file: [bytes(noise.join(''))] })
      expect(answer).toMatchObject({ status: 507, body: { code: 'disk_full' } })
      expect(await filesOnDisk(dataDir)).toEqual([])
      const list = await (await full.asOwner('/api/training/dataset')).json()
      expect(list).toMatchObject({ count: 0 })
    } finally {
      await full.close()
      execFileSync('umount', [store])
      await rm(dataDir, { recursive: true })
    }
  })
})
