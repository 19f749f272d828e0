import { CsvCutter } from './csv-cutter.ts'
import { ElementCutter } from './element-cutter.ts'
import type { Layout } from './layout.ts'
import { DocumentCutter, LineCutter, ParagraphCutter } from './line-cutter.ts'

/**
 * Finds where whole rows end in a block that is being filled. It runs on the thread that reads the upload, so it
 * looks at each byte once and decides nothing else; workers do the rest.
 */
export interface RowCutter {
  /** Takes notice of bytes [from, to) of the block; every byte is shown once, in order. */
  look(bytes: Uint8Array, from: number, to: number): void
  /** Offset behind the last whole row so far; 0 when there is none. */
  cut(): number
  /** The block was cut there and the rest begins a new one. Returns the ends of the rows that left, if it has them. */
  restart(): Uint32Array | null
  /** The stream is over and the block ends there: a row that was begun ends with it. */
  endHere?(filled: number): void
  /** The rows are over (the array is closed): what follows is no row. */
  ended?(): boolean
}

/** `resumed`: there were rows before the first byte, and it begins a new one. */
export function cutterFor(layout: Layout, resumed = false): RowCutter {
  switch (layout.container) {
    case 'jsonl':
    case 'parquet':
      return new LineCutter()
    case 'json':
      return new ElementCutter(layout.root, resumed)
    case 'text':
      return {
        line: new LineCutter(),
        paragraph: new ParagraphCutter(resumed),
        document: new DocumentCutter(),
      }[layout.split]
    case 'csv':
    case 'tsv':
      return new CsvCutter(layout.delimiter)
  }
}
