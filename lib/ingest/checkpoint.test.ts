import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type IngestCheckpoint, readCheckpoint, tablesOf, writeCheckpoint } from './checkpoint.ts'
import { createIngestEngine, type IngestEngine } from './ingest.ts'
import type { IngestOptions, IngestResult } from './ingest.types.ts'

const options: IngestOptions = {
  declaredFormat: 'auto',
  onError: 'skip',
  limits: { rowBytesMax: 64 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 100 },
}
const fileBytes = 14 << 20
// Each file is read several times over, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 60_000 })

let engine: IngestEngine
beforeAll(() => {
  engine = createIngestEngine({ workers: 2 })
})
afterAll(() => engine.close())

describe('a run that is broken off and goes on behind its last checkpoint', () => {
  it.each(Object.entries(files()))('makes the same object and the same report: %s', async (_, make) => {
    const file = make()
    const whole = await attempt(file, null, null)
    const random = generator(7)
    const members: Uint8Array[] = []
    let checkpoint: IngestCheckpoint | null = null
    let result: IngestResult | null = null
    let resentBytes = 0
    for (let attempts = 0; result === null && attempts < 40; attempts++) {
      const from: number = checkpoint?.rawOffset ?? 0
      const until = Math.min(file.length, from + 5e6 + Math.floor(random() * 4e6))
      const part = await attempt(file.subarray(0, until), checkpoint, until < file.length ? 'pauses' : null)
      members.push(...part.members)
      result = part.result
      resentBytes += until - (part.checkpoint?.rawOffset ?? from)
      checkpoint = written(part.checkpoint ?? checkpoint)
    }
    expect(checkpoint).not.toBeNull()
    expect(resentBytes).toBeGreaterThan(0)
    expect(result).toEqual(whole.result)
    expect(sha256(members)).toBe(whole.result!.sha256)
  })

  it.each([
    ['gzip', 'compressed.jsonl'],
    ['UTF-16', 'utf-16.txt'],
  ])('has no checkpoint inside of %s', async (_, name) => {
    const { gzipSync } = await import('node:zlib')
    const text = files()['lines of JSON']!().subarray(0, 9 << 20)
    const file = name === 'utf-16.txt' ? utf16(text.toString('latin1')) : gzipSync(text, { level: 1 })
    expect((await attempt(file, null, null)).checkpoint).toBeNull()
  })
})

/** As a database gives it back. */
function written(checkpoint: IngestCheckpoint | null): IngestCheckpoint | null {
  if (!checkpoint) return null
  const tables = JSON.parse(JSON.stringify(tablesOf(checkpoint)))
  const text = writeCheckpoint(checkpoint)
  for (const { slots } of tables) if (slots !== '') expect(text).not.toContain(slots)
  return readCheckpoint(text, tables)
}

async function attempt(file: Uint8Array, from: IngestCheckpoint | null, pauses: 'pauses' | null) {
  const run = engine.ingestResumably(chunks(file, from?.rawOffset ?? 0), options, {
    from,
    isPaused: () => pauses !== null,
  })
  const members: Uint8Array[] = []
  let held: Uint8Array[] = []
  let checkpoint: IngestCheckpoint | null = null
  for (;;) {
    const next = await run.next()
    if (next.done) {
      if (next.value) members.push(...held)
      return { members, checkpoint, result: next.value }
    }
    if (next.value.member) held.push(next.value.member)
    const here = next.value.checkpoint()
    if (!here) continue
    checkpoint = here
    members.push(...held)
    held = []
  }
}

async function* chunks(file: Uint8Array, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < file.length; at += 65_521)
    yield file.subarray(at, Math.min(at + 65_521, file.length))
}

/** Each of about `fileBytes`, with bad rows in it, so that problems and their places are carried over too. */
function files(): Record<string, () => Buffer> {
  const rows = (write: (row: unknown, index: number) => string, between = '\n') => {
    const random = generator(3)
    const parts: string[] = []
    for (let index = 0, bytes = 0; bytes < fileBytes; index++) {
      const content = words(random, 20 + Math.floor(random() * 400))
      const row = index % 5000 === 4999 ? { messages: 'none' } : conversation(content)
      parts.push(write(row, index))
      bytes += parts.at(-1)!.length
    }
    return parts.join(between)
  }
  const json = (row: unknown) => JSON.stringify(row)
  const pretty = (row: unknown) => JSON.stringify(row, null, 2)
  const cell = (row: unknown) => `"${JSON.stringify(row).replaceAll('"', '""')}"`
  const paragraph = (row: unknown) =>
    JSON.stringify(row)
      .replaceAll(/[{}[\]",:]/g, ' ')
      .replaceAll(/(.{60}) /g, '$1\n')
  return {
    'lines of JSON': () => Buffer.from(rows(json)),
    'lines behind a byte order mark and blank lines': () => Buffer.from(`\ufeff\n \n\n${rows(json)}\n`),
    'an array': () => Buffer.from(`[${rows(json, ',')}]`),
    'a printed array': () => Buffer.from(`[\n  ${rows(pretty, ',\n  ')}\n]\n`),
    'an array under a key': () =>
      Buffer.from(`{"version": 2, "data": [${rows(json, ', ')}], "license": "MIT"}`),
    'printed objects': () => Buffer.from(rows(pretty)),
    'a table': () => Buffer.from(`prompt,completion\n${rows((row) => `${cell(row)},${cell(row)}`)}\n`),
    'lines of text': () => Buffer.from(rows((row) => words(generator(json(row).length), 30))),
    paragraphs: () => Buffer.from(rows(paragraph, '\n\n\n')),
  }
}

const conversation = (content: string) => ({
  messages: [
    { role: 'user', content: content.slice(0, 40) },
    { role: 'assistant', content },
  ],
})

function words(random: () => number, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 46_656).toString(36)).join(' ')
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function sha256(parts: Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
