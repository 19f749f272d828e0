import type { DatasetFormat, DeclaredFormat } from '#lib/training/dataset.types.ts'
import type { LoggedProblems } from '../report/problem-log.ts'
import type { LoggedRows, ProblemRoom } from '../report/problem-rows.ts'
import type { PrintOptions, RowPrints } from '../report/row-prints.ts'
import type { StatisticsSums } from '../report/statistics.ts'
import type { Layout } from './layout.ts'

/** Raw bytes that hold whole rows. */
export interface Block {
  bytes: Uint8Array
  /** For JSON layouts: where each row ends, its comma included. */
  rowEnds: Uint32Array | null
  /** The rows end with it, so that nothing can be taken up behind it. */
  last: boolean
}

/** How all blocks of a file are to be read. */
export interface BlockOptions {
  layout: Layout
  declaredFormat: DeclaredFormat
  rowBytesMax: number
  depthMax: number
  /** What becomes of a row that holds what looks like a key; a warning when absent. */
  onSecret?: 'warn' | 'refuse' | undefined
}

/** What is known of the file before a block of it is read. */
export interface BlockContext extends PrintOptions {
  /** Null until the first rows have told it. */
  format: DatasetFormat | null
  /** For the rows that have problems; null when nobody wants them. */
  problemRoom: ProblemRoom | null
}

/** What reading a block found; lines and indexes count from the beginning of the block. */
export interface BlockReading {
  /** Null when the block has no row to tell it by. */
  format: DatasetFormat | null
  rowsRead: number
  rowsStored: number
  rowsRefused: number
  lines: number
  problems: LoggedProblems
  errorCount: number
  /** Null when nobody wants them. */
  problemRows: LoggedRows | null
  sums: StatisticsSums
  /** Extra keys that collided with canonical ones: in how many rows. */
  collisions: Record<string, number>
  prints: RowPrints
  /** A row that is longer than allowed; nothing after it was read. */
  tooLong: { line: number | null; index: number | null } | null
}

/** Where canonical rows go. */
export interface RowSink {
  /** A row whose bytes in the block are what is to be stored. */
  same(start: number, end: number): void
  /** The same but for pieces of it: from, to, from, to, ... */
  without(pieces: readonly number[], start: number, end: number): void
  text(row: string): void
}
