import { afterAll, beforeAll, expect, it } from 'vitest'
import { createIngestEngine, type IngestEngine } from '#lib/ingest/ingest.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import { IncomingFile } from './incoming-file.ts'
import { type PiecesWork, runPieces } from './run-pieces.ts'

const sizeBytes = 200 << 20
const row = `${JSON.stringify({ prompt: 'p'.repeat(500), completion: 'c'.repeat(500) })}\n`
const rows = Buffer.from(row.repeat(64))

let engine: IngestEngine
beforeAll(() => {
  engine = createIngestEngine({ workers: 2 })
})
afterAll(() => engine.close())

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
  const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 100 }
  const run = engine.ingestResumably(
    file,
    { declaredFormat: 'auto', onError: 'refuse', limits },
    {
      from: null,
      isPaused: () => file.isPaused,
      onBlocksInFlight: (count) => file.setBlocksInFlight(count),
    },
  )
  const nothing = async () => {}
  return {
    run,
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
