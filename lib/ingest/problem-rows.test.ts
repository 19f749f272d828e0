import { afterAll, expect, test } from 'vitest'
import { isAppError } from '#lib/errors/app-error.ts'
import type { ProblemRow } from '#lib/training/dataset.types.ts'
import { checkFirstBytes } from './check-first-bytes.ts'
import { createIngestEngine } from './ingest.ts'
import type { IngestOptions } from './ingest.types.ts'
import type { ProblemRowTotals } from './report/problem-row-book.ts'
import type { ProblemRoom } from './report/problem-rows.ts'

const engine = createIngestEngine({ workers: 2 })
afterAll(() => engine.close())

const limits = { rowBytesMax: 1 << 24, inflatedBytesMax: 1 << 30, inflationRatioMax: 1000, depthMax: 200 }

async function problemRowsOf(text: string, room?: ProblemRoom, more: Partial<IngestOptions> = {}) {
  const rows: ProblemRow[] = []
  let totals: ProblemRowTotals = { kept: 0, leftOut: 0 }
  const run = engine.ingest(once(Buffer.from(text)), {
    declaredFormat: 'auto',
    onError: 'skip',
    limits,
    ...more,
    problemRows: {
      ...(room ? { room } : {}),
      onRows(more, now) {
        rows.push(...more)
        totals = now
      },
    },
  })
  try {
    for await (const _member of run.stream);
  } catch (error) {
    if (!isAppError(error)) throw error
  }
  return { rows, totals }
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

const good = '{"prompt":"a","completion":"b"}'

test('every row with a problem comes once, with its line and its text, beyond the hundred that are listed', async () => {
  const lines = Array.from({ length: 3000 }, (_, at) => (at % 2 === 0 ? good : `{"prompt":${at}}`))
  const { rows, totals } = await problemRowsOf(lines.join('\n'))
  expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 1500 }, (_, at) => 2 * at + 2))
  expect(rows.map(({ raw }) => raw)).toEqual(lines.filter((line) => line !== good))
  expect(totals).toEqual({ kept: 1500, leftOut: 0 })
})

test('lines count on over blocks, whichever worker read them', async () => {
  const filler = `{"prompt":"${'word '.repeat(4000)}","completion":"b"}`
  const lines = Array.from({ length: 600 }, (_, at) => (at % 100 === 99 ? 'no JSON' : filler))
  const { rows } = await problemRowsOf(lines.join('\n'))
  expect(rows.map(({ line, raw }) => [line, raw])).toEqual(
    [100, 200, 300, 400, 500, 600].map((line) => [line, 'no JSON']),
  )
})

test('a row with several problems is one line, and says all of them', async () => {
  const row = '{"messages":[{"role":"boss","content":"a"},{"role":"user","content":7}]}'
  const { rows } = await problemRowsOf(`${row}\n`)
  expect(rows).toHaveLength(1)
  expect(rows[0]!.problems.map(({ pointer }) => pointer)).toEqual(['/messages/0/role', '/messages/1/content'])
})

const secrets = [
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${'s'.repeat(43)}`,
  '4111 1111 1111 1111',
  'ada@lovelace.org',
]

test('a key, a card number or an address is in no file of problems, whatever the row was refused for', async () => {
  const said = secrets.join(' and ')
  const pem = `-----BEGIN RSA PRIVATE KEY-----\\n${'MIIEow'.repeat(40)}\\n-----END RSA PRIVATE KEY-----`
  const text = [
    JSON.stringify({ prompt: said, completion: 'warned of' }),
    `{"prompt":"${said}","completion":`,
    `{"prompt":"${pem} after","completion":7}`,
    JSON.stringify({ messages: [{ role: secrets[0], content: 'a' }] }),
    `{"prompt":"x","completion":"y","${secrets[2]}":1,"${secrets[2]}":2}`,
  ].join('\n')
  const { rows } = await problemRowsOf(text)
  expect(rows.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5])
  const written = rows.map((row) => JSON.stringify(row)).join('\n')
  for (const secret of [...secrets, 'MIIEow']) expect(written).not.toContain(secret)
  expect(rows[1]!.raw).toBe(
    '{"prompt":"[secret] and [secret] and [secret] and [secret] and [card number] and [e-mail address]","completion":',
  )
  expect(rows[2]!.raw).toBe('{"prompt":"[secret] after","completion":7}')
  expect(rows.every(({ redacted }) => redacted === true)).toBe(true)
})

test('a record of a table is given as it was written, line breaks and quotes included', async () => {
  const { rows } = await problemRowsOf('prompt,completion\na,b\n"two\nlines","b",more\nc,d\n')
  expect(rows.map(({ line, raw }) => [line, raw])).toEqual([[3, '"two\nlines","b",more']])
})

test('what is no UTF-8 is shown with U+FFFD in its place', async () => {
  const bytes = Buffer.concat([
    Buffer.from(`${good}\n{"prompt":"`),
    Buffer.from([0xff]),
    Buffer.from('","completion":"b"}\n'),
  ])
  const rows: ProblemRow[] = []
  const run = engine.ingest(once(bytes), {
    declaredFormat: 'auto',
    onError: 'skip',
    limits,
    problemRows: { onRows: (more) => rows.push(...more) },
  })
  for await (const _member of run.stream);
  expect(rows.map(({ raw }) => raw)).toEqual(['{"prompt":"\uFFFD","completion":"b"}'])
})

test('room is kept for errors, however many rows only have warnings', async () => {
  const warned = '{"prompt":"ask ada@lovelace.org","completion":"b"}'
  const lines = [
    ...Array.from({ length: 500 }, () => warned),
    'no JSON',
    ...Array.from({ length: 9 }, () => warned),
  ]
  const room = { errors: { rows: 5, characters: 10_000 }, warnings: { rows: 20, characters: 100_000 } }
  const { rows, totals } = await problemRowsOf(lines.join('\n'), room)
  expect(rows.map(({ line }) => line)).toEqual([...Array.from({ length: 20 }, (_, at) => at + 1), 501])
  expect(totals).toEqual({ kept: 21, leftOut: 489 })
})

test('a row of megabytes is cut, and says so', async () => {
  const { rows } = await problemRowsOf(`{"prompt":"${'x'.repeat(3_000_000)}","completion":`)
  expect(rows[0]!.raw).toHaveLength(262_144)
  expect(rows[0]!.raw_cut).toBe(true)
})

test('a problem of the file itself stands in a line without a row', async () => {
  const { rows } = await problemRowsOf('[{"prompt":"a","completion":"b"}')
  expect(rows.map(({ raw, problems }) => [raw, problems[0]!.rule])).toEqual([[null, 'json.truncated']])
})

test('the first look in a browser tells the same rows', async () => {
  const text = [good, 'no JSON', '{"prompt":7,"completion":"b"}', good].join('\n')
  const { rows } = await problemRowsOf(text)
  const seen: ProblemRow[] = []
  await checkFirstBytes(Buffer.from(text), {
    declaredFormat: 'auto',
    partial: false,
    rowBytesMax: limits.rowBytesMax,
    depthMax: limits.depthMax,
    rowsMax: 3,
    problemRows: { onRows: (more) => seen.push(...more) },
  })
  expect(seen).toEqual(rows)
  expect(rows).toHaveLength(2)
})
