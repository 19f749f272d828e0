import { parentPort, workerData } from 'node:worker_threads'
import type { AsyncBuffer } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { ParquetFailure, parquetRows } from './parquet-rows.ts'

/*
 * Reads one Parquet file, a row group at a time, in a thread of its own: a group is decoded in one go, which may take
 * a second and much memory, and what a hostile file makes of it ends with the thread.
 */
export interface ParquetTask {
  sizeBytes: number
  /** Most uncompressed bytes of a row group. */
  groupBytesMax: number
}

export type FromParquetWorker =
  | { kind: 'read'; id: number; start: number; end: number }
  /** Rows as lines of JSON. The next come when `more` was said. */
  | { kind: 'lines'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'end'; binaryCells: number }
  | { kind: 'failed'; reason: ParquetFailure['reason']; message: string }

export type ToParquetWorker = { kind: 'bytes'; id: number; bytes: Uint8Array } | { kind: 'more' }

const linesBytes = 1 << 20
const { sizeBytes, groupBytesMax } = workerData as ParquetTask
const port = parentPort!
const waitingReads = new Map<number, (bytes: Uint8Array) => void>()
let more = Promise.withResolvers<void>()
let readsSoFar = 0

port.on('message', (message: ToParquetWorker) => {
  if (message.kind === 'more') more.resolve()
  else {
    waitingReads.get(message.id)?.(message.bytes)
    waitingReads.delete(message.id)
  }
})

const file: AsyncBuffer = {
  byteLength: sizeBytes,
  slice: async (start, end = sizeBytes) => {
    const bytes = await read(start, end)
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  },
}

function read(start: number, end: number): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>()
  const id = readsSoFar++
  waitingReads.set(id, resolve)
  tell({ kind: 'read', id, start, end })
  return promise
}

function tell(message: FromParquetWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

async function run(): Promise<void> {
  let binaryCells = 0
  let text = ''
  for await (const row of parquetRows(file, { groupBytesMax, compressors, onBinary: () => binaryCells++ })) {
    text += `${row}\n`
    if (text.length < linesBytes) continue
    await send(text)
    text = ''
  }
  if (text !== '') await send(text)
  tell({ kind: 'end', binaryCells })
}

async function send(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text)
  more = Promise.withResolvers()
  tell({ kind: 'lines', bytes }, [bytes.buffer])
  await more.promise
}

run().catch((error: Error) => {
  const reason = error instanceof ParquetFailure ? error.reason : 'damaged'
  tell({ kind: 'failed', reason, message: error.message })
})
