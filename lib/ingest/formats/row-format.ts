import type { CanonicalShape, DatasetFormat, JsonValue } from '#lib/training/dataset.types.ts'
import type { RowTally } from '../report/row-tally.ts'
import type { RowReading } from './row-reading.ts'

export type JsonObject = { [key: string]: JsonValue }

/** One row as it will be stored. */
export interface CanonicalRow {
  row: JsonObject
  /** The row is what came in: its own text can be stored, to the byte. */
  unchanged: boolean
  tally: RowTally
}

/**
 * One row format. `matches` looks at which keys are there and at nothing that `read` can complain about, so that a
 * row with a mistake is a bad row of its format rather than a good row of another.
 */
export interface RowFormat {
  id: DatasetFormat
  shape: CanonicalShape
  /** The shape in one line, for messages. */
  looksLike: string
  matches(row: JsonValue): boolean
  /** The canonical rows; what is wrong goes to `reading`, and rows that failed are thrown away by the caller. */
  read(row: JsonValue, reading: RowReading): CanonicalRow[]
}
