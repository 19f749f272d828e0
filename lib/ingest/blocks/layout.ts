export type TextSplit = 'line' | 'paragraph' | 'document'

/**
 * How a file holds its rows. `start` is the offset, in decoded bytes, at which the rows begin: behind the bracket of
 * an array, behind the header of a table.
 */
export type Layout =
  | { container: 'jsonl'; start: 0 }
  | JsonLayout
  /** Rows of a Parquet file, written out as lines of JSON. */
  | { container: 'parquet'; start: 0 }
  | TableLayout
  | { container: 'text'; start: 0; split: TextSplit }

export interface JsonLayout {
  container: 'json'
  start: number
  /** One top-level array, an array under a key of a top-level object, or objects one after the other. */
  root: 'array' | 'wrapped' | 'sequence'
}

export interface TableLayout {
  container: 'csv' | 'tsv'
  start: number
  delimiter: string
  columns: string[]
}
