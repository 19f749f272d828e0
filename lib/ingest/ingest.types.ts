import type { DeclaredFormat, IngestReport } from '#lib/training/dataset.types.ts'
import type { HoldFile } from './parquet/held-file.ts'
import type { ProblemRowSink } from './report/problem-row-book.ts'

/**
 * Public face of ingest: bytes of any supported file in, gzip members of canonical rows out.
 * `ingest()` in `ingest.ts` starts it; the caller drains `members` into a store and then awaits `result`.
 */
export interface IngestOptions {
  declaredFormat: DeclaredFormat
  onError: 'refuse' | 'skip'
  /** Whether a row that holds what looks like a key counts as a bad row; only warned of when absent. */
  onSecret?: 'warn' | 'refuse'
  /** How plain text becomes rows; guessed from the text when absent. */
  split?: 'line' | 'paragraph' | 'document'
  /** In tokens: the report says how many rows are longer, beside the usual lengths. */
  contextLength?: number | undefined
  /** Only for messages; what a file is, is decided by its bytes. */
  fileName?: string
  limits: IngestLimits
  /** Where a file goes that can only be read from its end; without it Parquet is refused. */
  hold?: HoldFile
  /** Told of every row that has problems, with its text; nobody is told when absent. */
  problemRows?: ProblemRowSink
  signal?: AbortSignal
  onProgress?: (progress: IngestProgress) => void
}

export interface IngestLimits {
  /** Longest row, in bytes of raw text. */
  rowBytesMax: number
  /** Most bytes that may come out of decompression. */
  inflatedBytesMax: number
  /** Largest ratio of inflated to compressed bytes. */
  inflationRatioMax: number
  /** Deepest nesting of a row. */
  depthMax: number
  /** Largest row group of a Parquet file, uncompressed; 256 MiB when absent. */
  parquetGroupBytesMax?: number
}

export interface IngestProgress {
  /** Bytes of the file as sent. */
  receivedBytes: number
  rowsRead: number
}

/** One gzip member: whole rows, inflatable by itself. */
export interface MemberIndexEntry {
  /** Offset of the member's first byte in the object. */
  offset: number
  sizeBytes: number
  firstRow: number
  rows: number
}

export interface IngestResult {
  report: IngestReport
  /** Index of the members, in order; empty when the file was refused. */
  members: MemberIndexEntry[]
  /** Bytes after decompression of the input, before ingest. */
  rawSizeBytes: number
  /** Lower-case hex SHA-256 of all members, concatenated. */
  sha256: string
  storedSizeBytes: number
}

export interface IngestRun {
  /**
   * The object's bytes. Ends normally when the file was accepted. A file with a bad row (`onError: 'refuse'`) is
   * still read to its end, so that every problem is counted, but yields nothing after the first problem; then
   * it throws AppError kind `invalid`, code `invalid_dataset`, `details` the listed problems and `data.report`
   * the report, so that the put that drains it is aborted and nothing is stored. Other AppErrors: `limit`,
   * `corrupt`, `aborted`.
   */
  stream: AsyncIterable<Uint8Array>
  /** Settles after `stream` ended; rejects with the same error. */
  result: Promise<IngestResult>
}
