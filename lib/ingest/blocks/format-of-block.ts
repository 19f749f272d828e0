import type { DatasetFormat } from '#lib/training/dataset.types.ts'
import { detectFormat } from '../formats/detect-format.ts'
import type { TextCodec } from '../rows/row-text.ts'
import type { Block, BlockOptions } from './block.ts'
import { detectionBytes, firstRows } from './first-rows.ts'

/** The format of a file by the first block of it that has rows; null when it has none. */
export function formatOfBlock(block: Block, options: BlockOptions, codec: TextCodec): DatasetFormat | null {
  if (options.declaredFormat !== 'auto') return options.declaredFormat
  const rows = firstRows(block, options.layout, codec)
  return rows.length === 0 ? null : detectFormat(rows)
}

/** Whether telling the format takes a moment only, and not the parsing of a row of megabytes. */
export const isQuickToTell = ({ bytes, rowEnds }: Block): boolean => {
  const firstEnd = rowEnds?.[0] ?? bytes.subarray(0, detectionBytes).indexOf(0x0a)
  return bytes.length <= detectionBytes || (firstEnd >= 0 && firstEnd <= detectionBytes)
}
