import type { Finding } from '../report/place.ts'
import type { Block } from './block.ts'
import { BlockFiller } from './block-filler.ts'
import { DocumentEnd } from './document-end.ts'
import { ElementCutter } from './element-cutter.ts'
import type { Layout } from './layout.ts'
import { cutterFor } from './row-cutter.ts'

export interface CutOptions {
  layout: Layout
  rowBytesMax: number
  allocate(bytes: number): Uint8Array
  /** The error for a row that is longer than allowed and starts at that byte. */
  tooLong(startByte: number): Error
  /** The stream is only the beginning of the file: that its last row is cut off says nothing. */
  partial?: boolean
  /** The stream goes on behind rows that were cut before; what stood in front of the list of rows came then. */
  resumed?: { opening: Uint8Array }
  /** Asked when the stream is over: whether the rest of the file is still to come, so that nothing ends here. */
  isPaused?: () => boolean
  /** What is wrong with the file rather than with a row. It comes when all rows have been yielded. */
  onFinding(finding: Finding): void
  onNote(note: string): void
}

/** The whole rows of a UTF-8 stream, in blocks. Holds one block at a time. */
export async function* cutBlocks(
  stream: AsyncIterable<Uint8Array>,
  options: CutOptions,
): AsyncGenerator<Block> {
  const { layout } = options
  const cutter = cutterFor(layout, options.resumed !== undefined)
  const filler = new BlockFiller(cutter, options.rowBytesMax, options.allocate)
  const end = new DocumentEnd(layout)
  if (options.resumed) end.addOpening(options.resumed.opening)
  let toSkip = layout.start
  for await (const chunk of stream) {
    if (toSkip > 0) end.addOpening(chunk.subarray(0, toSkip))
    const rows = chunk.subarray(toSkip)
    toSkip -= chunk.length - rows.length
    if (cutter.ended?.()) {
      end.add(rows)
      continue
    }
    yield* filler.add(rows, options.tooLong)
    if (cutter.ended?.() && cutter instanceof ElementCutter) {
      yield* filler.finish(false)
      end.add(filler.rest().subarray(cutter.restStart))
    }
  }
  if (options.isPaused?.()) return
  if (!(cutter instanceof ElementCutter)) {
    yield* filler.finish(options.partial !== true)
    return
  }
  if (cutter.ended()) {
    if (options.partial !== true) end.check(options)
    return
  }
  yield* filler.finish(options.partial !== true)
  const closes = layout.container === 'json' && layout.root !== 'sequence'
  if (closes && options.partial !== true) {
    const message = 'The file ends before its list of rows does'
    options.onFinding({ rule: 'json.truncated', pointer: '', message })
  }
}
