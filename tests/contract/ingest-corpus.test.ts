import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { AppError } from '#lib/errors/app-error.ts'
import { checkFirstBytes } from '#lib/ingest/check-first-bytes.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import type { IngestOptions } from '#lib/ingest/ingest.types.ts'
import type { HeldFile } from '#lib/ingest/parquet/held-file.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'

/*
 * The golden corpus: every folder has an input and what must come of it. To add a case, make a folder with an
 * `input.*` (and `options.json` if it needs any), run the tests with UPDATE_CORPUS=1, and read what was written.
 */
const corpus = join(import.meta.dirname, '../fixtures/ingest')
const update = process.env.UPDATE_CORPUS === '1'
const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1 << 26, inflationRatioMax: 200, depthMax: 100 }
const engine = createIngestEngine({ workers: 1 })
afterAll(() => engine.close())

type Case = Pick<IngestOptions, 'declaredFormat' | 'onError' | 'split'>

async function holdInMemory(bytes: AsyncIterable<Uint8Array>): Promise<HeldFile> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  const whole = Buffer.concat(chunks)
  return {
    sizeBytes: whole.length,
    read: async (start, end) => whole.subarray(start, end),
    release: async () => {},
  }
}

interface Outcome {
  /** Rows as stored; null when the file was refused. */
  stored: string | null
  report: IngestReport | null
  error: { kind: string; code: string; message: string } | null
}

async function ingested(input: Uint8Array, options: Case): Promise<Outcome> {
  const source = (async function* () {
    yield input
  })()
  const run = engine.ingest(source, { ...options, limits, hold: holdInMemory })
  const members: Uint8Array[] = []
  try {
    for await (const member of run.stream) members.push(member)
    const { report } = await run.result
    return { stored: gunzipSync(Buffer.concat(members)).toString(), report, error: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { kind, code, message, data } = error
    const report = (data?.report as IngestReport | undefined) ?? null
    return { stored: null, report, error: { kind, code, message } }
  }
}

function read(folder: string): { input: Uint8Array; name: string; options: Case } {
  const name = readdirSync(folder).find((file) => file.startsWith('input.'))!
  const options = join(folder, 'options.json')
  const given = existsSync(options) ? JSON.parse(readFileSync(options, 'utf8')) : {}
  return {
    input: readFileSync(join(folder, name)),
    name,
    options: { declaredFormat: 'auto', onError: 'refuse', ...given },
  }
}

describe.each(readdirSync(corpus))('%s', (name) => {
  const folder = join(corpus, name)
  const { input, name: file, options } = read(folder)

  test('gives the rows and the report that are written down', async () => {
    const { stored, report, error } = await ingested(input, options)
    const expectedRows = join(folder, 'expected.jsonl')
    const expectedReport = join(folder, 'report.json')
    if (update) {
      if (stored !== null) writeFileSync(expectedRows, stored)
      writeFileSync(expectedReport, `${JSON.stringify({ error, report }, null, 2)}\n`)
    }
    expect({ error, report }).toEqual(JSON.parse(readFileSync(expectedReport, 'utf8')))
    expect(stored).toBe(existsSync(expectedRows) ? readFileSync(expectedRows, 'utf8') : null)
  })

  test('gives a browser the same report', async () => {
    const { report, error } = await ingested(input, options)
    if (report === null) return expect(error).not.toBeNull()
    // Its rows can only be found from its end: a browser sends it unread.
    if (report.container === 'parquet') return
    const inflate = { gz: gunzipSync, zst: zstdDecompressSync }[file.split('.').at(-1)!]
    const { onError, ...rest } = options
    const check = await checkFirstBytes(inflate ? inflate(input) : input, {
      ...rest,
      rowBytesMax: limits.rowBytesMax,
      depthMax: limits.depthMax,
      partial: false,
      rowsMax: 10,
    })
    const shown = onError === 'refuse' && check.refusal ? check.refusal.data?.report : check.report
    expect(shown).toEqual({ ...report, compression: 'none' })
  })
})
