import { binaryNote, ParquetFailure, parquetError, parquetRows } from '#lib/ingest/parquet/parquet-rows.ts'
import { headBytesMax } from './read-head.ts'

/** Larger row groups are left to the server: a page has less memory. */
const groupBytesMax = 64 << 20

export interface ParquetHead {
  lines: Uint8Array[]
  notes: string[]
  /** There are more rows. */
  partial: boolean
}

/**
 * The first rows of a Parquet file as lines of JSON. Null where a page had better not try; throws the error that
 * the upload would end with.
 */
export async function readParquetHead(file: Blob): Promise<ParquetHead | null> {
  const { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } = await import(
    'hyparquet-compressors'
  )
  // Snappy is hyparquet's own; the other one is WebAssembly, which the pages' policy does not allow.
  const compressors = {
    GZIP: decompressGzip,
    BROTLI: decompressBrotli,
    ZSTD: (input: Uint8Array) => decompressZstd(input),
    LZ4: decompressLz4,
    LZ4_RAW: decompressLz4Raw,
  }
  let binaryCells = 0
  const reading = { groupBytesMax, compressors, onBinary: () => binaryCells++ }
  const buffer = {
    byteLength: file.size,
    slice: (start: number, end?: number) => file.slice(start, end).arrayBuffer(),
  }
  const lines: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const row of parquetRows(buffer, reading)) {
      if (bytes >= headBytesMax) return { lines, notes: [], partial: true }
      const line = new TextEncoder().encode(`${row}\n`)
      bytes += line.length
      lines.push(line)
    }
  } catch (error) {
    if (!(error instanceof ParquetFailure)) throw error
    if (error.reason === 'group too large') return null
    throw parquetError(error, groupBytesMax)
  }
  return { lines, notes: binaryCells > 0 ? [binaryNote(binaryCells)] : [], partial: false }
}
