import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CheckpointTables, readCheckpoint } from '#lib/ingest/checkpoint.ts'
import { createIngestEngine, type IngestEngine } from '#lib/ingest/ingest.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import { IncomingFile } from './incoming-file.ts'
import { type PiecesWork, runPieces } from './run-pieces.ts'
import { isConsistent } from './session-state.ts'

const sizeBytes = 200 << 20
const row = `${JSON.stringify({ prompt: 'p'.repeat(500), completion: 'c'.repeat(500) })}\n`
const rows = Buffer.from(row.repeat(64))

let engine: IngestEngine
beforeAll(() => {
  engine = createIngestEngine({ workers: 2 })
})
afterAll(() => engine.close())

const nothing = async () => {}
const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 100 }

const runOf = (file: IncomingFile, from: PiecesWork['from']) =>
  engine.ingestResumably(
    file,
    { declaredFormat: 'auto', onError: 'refuse', limits },
    {
      from,
      isPaused: () => file.isPaused,
      onBlocksInFlight: (count) => file.setBlocksInFlight(count),
    },
  )

/** A file that is sent as fast as it is taken, or falls silent behind so many bytes, into this store. */
function work(put: Partial<ResumablePut>, turn: Partial<PiecesWork['turn']> = {}, sentBytes = sizeBytes) {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < sentBytes; sent += rows.length) yield rows
    await new Promise(() => {})
  }
  const file = new IncomingFile({
    body: body(),
    offset: 0,
    sizeBytes,
    signal: new AbortController().signal,
  })
  return {
    run: runOf(file, null),
    file,
    put: {
      tailBytes: 0,
      append: nothing,
      checkpoint: async () => ({ storedBytes: 0, tail: new Uint8Array(0), handle: {} }),
      ...put,
    },
    turn: { writer: 'w', save: nothing, end: nothing, ...turn },
    problems: { mark() {}, flush: nothing },
    offset: 0,
    from: null,
    onSaved() {},
  } as unknown as PiecesWork
}

const refusal = new Error('The disk is full')
const fails = async () => {
  throw refusal
}

it('tells at once what a store says against bytes, while more come in and wait for room', async () => {
  let appended = 0
  const append = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    if (++appended === 2) throw refusal
  }
  await expect(runPieces(work({ append }))).rejects.toBe(refusal)
}, 10_000)

it('tells at once what a store says against bytes, while the sender is silent', async () => {
  await expect(runPieces(work({ append: fails }, {}, 9 << 20))).rejects.toBe(refusal)
}, 10_000)

it('tells what a database says against a checkpoint', async () => {
  await expect(runPieces(work({}, { save: fails }))).rejects.toBe(refusal)
}, 10_000)

describe('when the commit of a whole file fails, the next request', () => {
  const whole = Buffer.from(row.repeat(Math.floor((15 << 20) / row.length)))

  /** Sends the rest of the file from where the last request left the session, to a store that keeps what it has. */
  async function attempt(session: Session, tailBytes: number) {
    const { checkpoint: text, tables, stored } = session
    const from = text === null ? null : readCheckpoint(text, tables)
    const offset = from?.rawOffset ?? 0
    const file = new IncomingFile({
      body: (async function* () {
        yield whole.subarray(offset)
      })(),
      offset,
      sizeBytes: whole.length,
      signal: new AbortController().signal,
    })
    const appended = [...stored]
    const size = () => appended.reduce((sum, { length }) => sum + length, 0)
    const end = await runPieces({
      run: runOf(file, from),
      file,
      put: {
        tailBytes,
        append: async (bytes) => void appended.push(Buffer.from(bytes)),
        checkpoint: async () => ({ storedBytes: size(), tail: new Uint8Array(0), handle: {} }),
        commit: nothing,
        abort: nothing,
        release: nothing,
      },
      turn: {
        writer: 'w',
        save: async (columns: Record<string, unknown>) => {
          session.stored = [Buffer.concat(appended).subarray(0, columns.put_stored_bytes as number)]
          if (typeof columns.checkpoint === 'string') session.checkpoint = columns.checkpoint
          if (typeof columns.checkpoint_tables === 'string')
            session.tables = JSON.parse(columns.checkpoint_tables)
        },
        end: nothing,
      } as unknown as PiecesWork['turn'],
      problems: { mark() {}, flush: nothing } as unknown as PiecesWork['problems'],
      offset,
      from,
      onSaved() {},
    })
    return { offset, result: end.result!, bytes: Buffer.concat(appended) }
  }

  interface Session {
    checkpoint: string | null
    tables: CheckpointTables
    stored: Buffer[]
  }

  it.each([
    ['takes up behind the last place that was noted', 0],
    ['takes up although the place before the last member was not noted', 2 << 20],
  ])(
    '%s, and every member is there once',
    async (_, tailBytes) => {
      const session: Session = { checkpoint: null, tables: [null, null] as never, stored: [] }
      const offsets: number[] = []
      for (let request = 0; request < 3; request++) {
        const { offset, result, bytes } = await attempt(session, tailBytes)
        offsets.push(offset)
        expect(bytes.length).toBe(result.storedSizeBytes)
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(result.sha256)
      }
      expect(offsets[1]).toBeGreaterThan(0)
      expect(offsets[2]).toBe(offsets[1])

      const checkpoint = readCheckpoint(session.checkpoint!, session.tables)
      const storedBytes = session.stored.reduce((sum, { length }) => sum + length, 0)
      const isConsistentWith = (bytes: number) =>
        isConsistent({
          checkpoint,
          put: { storedBytes: bytes, tail: new Uint8Array(0), handle: {} },
          result: null,
        })
      expect([storedBytes, storedBytes + 1].map(isConsistentWith)).toEqual([true, false])
    },
    20_000,
  )
})
