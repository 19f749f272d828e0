import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { AppError } from '#lib/errors/app-error.ts'
import { createIngestEngine } from './ingest.ts'
import type { IngestOptions, IngestResult } from './ingest.types.ts'

const engine = createIngestEngine({ workers: 2 })
afterAll(() => engine.close())

const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1 << 30, inflationRatioMax: 200, depthMax: 100 }
const options: IngestOptions = { declaredFormat: 'auto', onError: 'refuse', limits }

async function* chunksOf(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function ingest(source: AsyncIterable<Uint8Array>, given: Partial<IngestOptions> = {}) {
  const run = engine.ingest(source, { ...options, ...given })
  const members: Uint8Array[] = []
  for await (const member of run.stream) members.push(member)
  return { members, bytes: Buffer.concat(members), result: await run.result }
}

const row = (question: string, answer: string): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  })

/** Text that does not pack too well, the same on every run. */
function prose(seed: number, words: number): string {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
  return Array.from({ length: words }, () => (next() % 60466176).toString(36)).join(' ')
}

const manyRows = (count: number): Uint8Array =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${row(`q${i}`, prose(i, 60))}\n`).join(''))

const twentyMegabytes = manyRows(40_000)

describe('the stored object', () => {
  test('of an object on one line that is longer than what is looked at is the same, whatever it came in', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => ({ prompt: `p${i}`, completion: 'c'.repeat(100) }))
    const minified = JSON.stringify({ version: 1, data: rows })
    for (const text of [
      minified,
      `${minified.slice(0, -2)}${' '.repeat(1 << 20)}]}`,
      minified.padEnd((1 << 20) + 9),
    ]) {
      const file = Buffer.from(text)
      const stored = await Promise.all(
        [1 << 14, 1 << 16, (1 << 20) - 1, 1 << 20, 1 << 22].map(async (size) => {
          const { bytes, result } = await ingest(chunksOf(file, [size]))
          expect(result.report.rows_read).toBe(rows.length)
          return createHash('sha256').update(bytes).digest('hex')
        }),
      )
      expect(new Set(stored).size).toBe(1)
    }
  })

  test('is the canonical rows, whatever pieces the file comes in', async () => {
    const rows = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 30 })
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
    const ending = fc.constantFrom('\n', '\r\n')
    const shape = fc.constantFrom('jsonl', 'array', 'pretty')
    await fc.assert(
      fc.asyncProperty(rows, sizes, ending, shape, fc.boolean(), async (texts, cuts, newline, as, zipped) => {
        const values = texts.map((text) => ({ text, n: 1 }))
        const written = {
          jsonl: values.map((value) => JSON.stringify(value)).join(newline),
          array: JSON.stringify(values),
          pretty: JSON.stringify(values, null, 2).replaceAll('\n', newline),
        }[as]
        const plain = Buffer.from(written)
        const input = zipped ? gzipSync(plain) : plain
        const whole = await ingest(chunksOf(input, [input.length]))
        const pieces = await ingest(chunksOf(input, cuts))
        expect(pieces.bytes.equals(whole.bytes)).toBe(true)
        const stored = gunzipSync(whole.bytes).toString().trimEnd().split('\n')
        expect(stored.map((line) => JSON.parse(line))).toEqual(values)
      }),
      { numRuns: 40 },
    )
  })

  test('is cut, hashed and indexed alike for any chunks of a large file', async () => {
    const large = await ingest(chunksOf(twentyMegabytes, [1 << 20]))
    const odd = await ingest(chunksOf(twentyMegabytes, [65_521, 3, 200_003]))
    expect(large.members.length).toBeGreaterThan(3)
    expect(odd.result).toEqual(large.result)
    expect(gunzipSync(large.bytes).equals(twentyMegabytes)).toBe(true)
    expect(large.result.sha256).toBe(createHash('sha256').update(large.bytes).digest('hex'))
    expect(large.result.storedSizeBytes).toBe(large.bytes.length)
    expect(large.result.rawSizeBytes).toBe(twentyMegabytes.length)
  })

  test('has an index by which each member can be inflated alone', async () => {
    const { bytes, result } = await ingest(chunksOf(twentyMegabytes, [1 << 18]))
    const lines = twentyMegabytes.toString().split('\n')
    for (const { offset, sizeBytes, firstRow, rows } of result.members) {
      const text = gunzipSync(bytes.subarray(offset, offset + sizeBytes)).toString()
      expect(text).toBe(`${lines.slice(firstRow, firstRow + rows).join('\n')}\n`)
    }
  })

  test('is one file to every other gzip reader', async () => {
    const input = manyRows(20_000)
    const { bytes } = await ingest(chunksOf(input, [1 << 18]))
    const script = 'import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))'
    for (const [command, args] of [
      ['gzip', ['-dc']],
      ['python3', ['-c', script]],
    ] as const) {
      const out = execFileSync(command, args, { input: bytes, maxBuffer: 1 << 28 })
      expect(out.equals(input)).toBe(true)
    }
  })

  test('is one table to DuckDB', async () => {
    const input = manyRows(20_000)
    const { bytes } = await ingest(chunksOf(input, [1 << 18]))
    const folder = mkdtempSync(join(tmpdir(), 'finetunelab-duckdb-'))
    try {
      const file = join(folder, 'rows.jsonl.gz')
      writeFileSync(file, bytes)
      const connection = await DuckDBConnection.create()
      const reader = await connection.runAndReadAll(
        `select messages[1].content as question from read_json('${file}', format = 'newline_delimited')`,
      )
      const questions = reader.getRowObjectsJson().map(({ question }) => question)
      expect(questions).toEqual(Array.from({ length: 20_000 }, (_, i) => `q${i}`))
      connection.closeSync()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a file that is refused', () => {
  test('is read to its end, yields nothing after the first problem and counts all of them', async () => {
    const bad = Array.from({ length: 250 }, () => 'no json').join('\n')
    const input = Buffer.concat([
      Buffer.from(`${row('a', 'b')}\n${bad}\n`),
      twentyMegabytes,
      Buffer.from(`${bad}\n`),
    ])
    const run = engine.ingest(chunksOf(input, [1 << 18]), options)
    const yielded: Uint8Array[] = []
    const drained = (async () => {
      for await (const member of run.stream) yielded.push(member)
    })()
    const error = (await drained.catch((thrown: unknown) => thrown)) as AppError
    expect(yielded).toEqual([])
    expect(error).toMatchObject({ kind: 'invalid', code: 'invalid_dataset' })
    expect(error.details).toHaveLength(100)
    const report = error.data!.report as IngestResult['report']
    expect(report.problem_counts).toEqual({ 'json.syntax': 500 })
    expect(report).toMatchObject({ rows_read: 40_501, rows_stored: 0 })
    await expect(run.result).rejects.toBe(error)
  })

  test('names lines across blocks', async () => {
    const input = Buffer.concat([twentyMegabytes, Buffer.from('no json\n')])
    const refused = ingest(chunksOf(input, [1 << 18]))
    await expect(refused).rejects.toMatchObject({ details: [expect.objectContaining({ line: 40_001 })] })
  })
})

describe('limits', () => {
  test('a line without end is refused before it is held', async () => {
    let sent = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(1 << 20, 'a')
      for (;;) {
        sent += piece.length
        yield piece
      }
    }
    await expect(ingest(endless())).rejects.toMatchObject({ kind: 'limit', code: 'row_too_long' })
    expect(sent).toBeLessThan(8 << 20)
  })

  test('a row that is too long inside a block is named by its line', async () => {
    const input = Buffer.from(`${row('a', 'b')}\n${row('c', prose(1, 40))}\n`)
    const given = { limits: { ...limits, rowBytesMax: 200 } }
    const message = 'The row in line 2 has more than 200 bytes.'
    await expect(ingest(chunksOf(input, [100]), given)).rejects.toMatchObject({ details: message })
  })

  test('a bomb is refused by its ratio and by its size', async () => {
    const bomb = gzipSync(Buffer.alloc(30 << 20, 'a'))
    const byRatio = ingest(chunksOf(bomb, [1024]))
    await expect(byRatio).rejects.toMatchObject({ kind: 'limit', code: 'inflation_ratio' })
    const lenient = { limits: { ...limits, inflationRatioMax: 1e9, inflatedBytesMax: 1 << 20 } }
    const bySize = ingest(chunksOf(bomb, [1024]), lenient)
    await expect(bySize).rejects.toMatchObject({ kind: 'limit', code: 'inflated_too_large' })
  })

  test('nothing but newlines is refused as empty', async () => {
    const blank = Buffer.alloc(1 << 20, '\n')
    async function* newlines(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 50; i++) yield blank
    }
    const [problem] = [expect.objectContaining({ rule: 'file.empty' })]
    await expect(ingest(newlines())).rejects.toMatchObject({ details: [problem] })
  })

  test('a row that nests millions deep is a problem and no crash', async () => {
    const deep = '['.repeat(200_000)
    const input = Buffer.from(`{"text": "a", "deep": ${deep}${deep.replaceAll('[', ']')}}\n`)
    const expected = { details: [expect.objectContaining({ rule: 'json.depth', line: 1 })] }
    await expect(ingest(chunksOf(input, [1 << 16]))).rejects.toMatchObject(expected)
  })
})

describe('JSON inside a string', () => {
  const deep = `${'['.repeat(150)}${']'.repeat(150)}`

  test('counts for the depth of its row, in a cell of CSV', async () => {
    const turns = `[{"role":"user","content":"a"},{"role":"assistant","content":"b","extra":${deep}}]`
    const input = Buffer.from(`messages\n"${turns.replaceAll('"', '""')}"\n`)
    const expected = { details: [expect.objectContaining({ rule: 'json.depth', line: 2 })] }
    await expect(ingest(chunksOf(input, [1 << 16]))).rejects.toMatchObject(expected)
  })

  test('stays a string when it is a function call that nests too deep', async () => {
    const call = `{"name":"f","arguments":${deep}}`
    const turns = [
      { from: 'human', value: 'a' },
      { from: 'function_call', value: call },
    ]
    const input = Buffer.from(`${JSON.stringify({ conversations: turns })}\n`)
    const { bytes, result } = await ingest(chunksOf(input, [1 << 16]))
    expect(result.report.problems).toEqual([
      expect.objectContaining({ rule: 'messages.function_call', pointer: '/conversations/1/value' }),
    ])
    expect(JSON.parse(gunzipSync(bytes).toString()).messages[1]).toEqual({ role: 'assistant', content: call })
  })
})

describe('a caller who leaves', () => {
  test('is let go at once, even while the source has nothing to give', async () => {
    const leaving = new AbortController()
    async function* stalled(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${row('a', 'b')}\n`)
      leaving.abort()
      await new Promise(() => {})
    }
    const run = ingest(stalled(), { signal: leaving.signal })
    await expect(run).rejects.toMatchObject({ kind: 'aborted', code: 'aborted' })
  })

  test('has the source closed when the stream is left early', async () => {
    let closed = false
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* chunksOf(twentyMegabytes, [1 << 20])
      } finally {
        closed = true
      }
    }
    const run = engine.ingest(source(), options)
    for await (const _member of run.stream) break
    expect(closed).toBe(true)
    await expect(run.result).rejects.toThrow('not read to its end')
  })
})

test('a slow reader slows the source down instead of filling the memory', async () => {
  let sent = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for await (const chunk of chunksOf(twentyMegabytes, [1 << 18])) {
        sent += chunk.length
        yield chunk
      }
    }
  }
  const reader = engine.ingest(source(), options).stream[Symbol.asyncIterator]()
  await reader.next()
  for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve))
  // Two workers, two spare blocks, one that is being filled, and what was looked at to tell the file.
  expect(sent).toBeLessThan(6 * (4 << 20))
  await reader.return?.()
})

test('a small file does not wait behind a large one', async () => {
  const large = ingest(chunksOf(twentyMegabytes, [1 << 20]))
  let largeDone = false
  void large.then(() => {
    largeDone = true
  })
  await ingest(chunksOf(Buffer.from(`${row('a', 'b')}\n`), [1000]))
  expect(largeDone).toBe(false)
  await large
})

test('progress counts the bytes as sent and the rows as read', async () => {
  const seen: Array<{ receivedBytes: number; rowsRead: number }> = []
  const zipped = gzipSync(twentyMegabytes)
  await ingest(chunksOf(zipped, [1 << 18]), { onProgress: (progress) => seen.push(progress) })
  expect(seen.at(-1)).toEqual({ receivedBytes: zipped.length, rowsRead: 40_000 })
})

test('a key called __proto__ pollutes nothing', async () => {
  const hostile =
    '{"conversations":[{"from":"human","value":"q","__proto__":{"x":1}}],"__proto__":{"polluted":1}}\n'
  const { bytes } = await ingest(chunksOf(Buffer.from(hostile), [7]))
  expect(gunzipSync(bytes).toString()).toContain('"__proto__":{"polluted":1}')
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

const samples = join(import.meta.dirname, '../../../shared/datasets')
describe.skipIf(!existsSync(samples))('public datasets, where they are at hand', () => {
  test.each([
    ['alpaca_en_demo.json', 'alpaca', 999],
    ['c4_demo.jsonl', 'raw_text', 300],
    ['dpo_en_demo.json', 'dpo', 300],
    ['glaive_toolcall_en_demo.json', 'sharegpt', 300],
    ['gsm8k_test.jsonl', 'prompt_completion', 1319],
    ['kto_en_demo.json', 'kto', 300],
    ['wiki_demo.txt', 'raw_text', 30],
  ])('%s is %s with %i rows', async (file, format, rows) => {
    const { result } = await ingest(chunksOf(readFileSync(join(samples, file)), [70_001]))
    expect(result.report).toMatchObject({ format, rows_read: rows, rows_stored: rows, problem_counts: {} })
    const { avg_input_length, avg_output_length } = result.report.statistics!
    expect(avg_input_length + avg_output_length).toBeGreaterThan(50)
  })
})
