import { parentPort, workerData } from 'node:worker_threads'
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { jsonText, parsers } from './parquet-json.ts'

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
  | { kind: 'end'; rows: number; binaryCells: number }
  | { kind: 'failed'; reason: 'damaged' | 'group too large'; message: string }

export type ToParquetWorker = { kind: 'bytes'; id: number; bytes: Uint8Array } | { kind: 'more' }

const linesBytes = 1 << 20
const footerBytesMax = 64 << 20
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

class GroupTooLarge extends Error {}

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

/** What a page says of its size is not to be believed when it is larger than the whole group may be. */
const cappedCompressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength > groupBytesMax) throw new GroupTooLarge(`A page of ${outputLength} bytes`)
      return decompress!(input, outputLength)
    },
  ]),
) as Compressors

async function run(): Promise<void> {
  const ending = await read(Math.max(0, sizeBytes - 8), sizeBytes)
  const tail = new DataView(ending.buffer, ending.byteOffset, ending.byteLength)
  if (sizeBytes < 12 || tail.getUint32(4, true) !== 0x31524150) throw new Error('it does not end with PAR1')
  if (tail.getUint32(0, true) > footerBytesMax) throw new Error('its table of contents is too large')
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  let binaryCells = 0
  for (const group of metadata.row_groups) {
    const groupBytes = Number(group.total_byte_size)
    if (groupBytes > groupBytesMax) throw new GroupTooLarge(`A row group of ${groupBytes} bytes`)
    const rowEnd = rowStart + Number(group.num_rows)
    const options = { file, metadata, rowStart, rowEnd, compressors: cappedCompressors, utf8: false, parsers }
    await send(await parquetReadObjects(options), () => binaryCells++)
    rowStart = rowEnd
  }
  tell({ kind: 'end', rows: rowStart, binaryCells })
}

async function send(rows: readonly unknown[], onBinary: () => void): Promise<void> {
  let text = ''
  for (const [index, row] of rows.entries()) {
    text += `${jsonText(row, onBinary)}\n`
    if (text.length < linesBytes && index < rows.length - 1) continue
    const bytes = new TextEncoder().encode(text)
    text = ''
    more = Promise.withResolvers()
    tell({ kind: 'lines', bytes }, [bytes.buffer])
    await more.promise
  }
}

run().catch((error: Error) => {
  const reason = error instanceof GroupTooLarge ? 'group too large' : 'damaged'
  tell({ kind: 'failed', reason, message: error.message })
})
