import type { JsonValue } from '#lib/training/dataset.types.ts'
import { detectionRows } from '../formats/detect-format.ts'
import type { TextCodec } from '../rows/row-text.ts'
import type { Block } from './block.ts'
import { csvRecords } from './csv-records.ts'
import { csvRow } from './csv-row.ts'
import type { Layout } from './layout.ts'
import { eachElement, eachLine } from './row-spans.ts'

/** Detection looks no further than this, unless the first row alone is longer. */
export const detectionBytes = 1 << 20

/** The first rows of a block that can be read at all, for detection to look at. */
export function firstRows(block: Block, layout: Layout, codec: TextCodec): JsonValue[] {
  const rows: JsonValue[] = []
  const visit = (start: number, end: number): boolean => {
    try {
      rows.push(JSON.parse(codec.decode(block.bytes, start, end)))
    } catch {
      // reported when the row is read for good
    }
    return rows.length < detectionRows && (end < detectionBytes || rows.length === 0)
  }
  if (layout.container === 'jsonl' || layout.container === 'parquet') eachLine(block.bytes, visit)
  else if (layout.container === 'json') eachElement(block.bytes, block.rowEnds!, visit)
  else if (layout.container === 'text') rows.push({ text: '' })
  else {
    const sampleBytes = Math.min(block.bytes.length, detectionBytes)
    for (const { cells } of csvRecords(codec.decode(block.bytes, 0, sampleBytes), layout.delimiter)) {
      if (cells.length === layout.columns.length) rows.push(csvRow(layout.columns, cells))
      if (rows.length === detectionRows) break
    }
  }
  return rows
}
