import type { Block } from './block.ts'
import type { RowCutter } from './row-cutter.ts'

/** Raw bytes in a block, about: the size of a page of rows in the stored object, before compression. */
export const blockBytes = 4 << 20

/**
 * Cuts a stream into blocks of whole rows. Where it cuts depends on the bytes alone and not on how they arrived: a
 * block is filled to its size, cut behind its last whole row, and doubled, up to the longest row allowed, while it
 * has none.
 */
export class BlockFiller {
  private bytes: Uint8Array
  private filled = 0
  /** Bytes that left in blocks. */
  private cutBytes = 0
  private readonly cutter: RowCutter
  private readonly rowBytesMax: number
  private readonly allocate: (bytes: number) => Uint8Array

  constructor(cutter: RowCutter, rowBytesMax: number, allocate: (bytes: number) => Uint8Array) {
    this.cutter = cutter
    this.rowBytesMax = rowBytesMax
    this.allocate = allocate
    this.bytes = allocate(blockBytes)
  }

  /**
   * Takes in a chunk and yields the blocks that it completes. Throws what `tooLong` makes of a row without end and
   * of the byte that it starts at.
   */
  *add(chunk: Uint8Array, tooLong: (startByte: number) => Error): Generator<Block> {
    let from = 0
    while (from < chunk.length) {
      const room = Math.min(this.bytes.length - this.filled, chunk.length - from)
      this.bytes.set(chunk.subarray(from, from + room), this.filled)
      this.cutter.look(this.bytes, this.filled, this.filled + room)
      this.filled += room
      from += room
      if (this.filled < this.bytes.length) return
      if (this.cutter.cut() > 0) yield this.cut(this.cutter.cut(), false)
      else if (this.filled > this.rowBytesMax) throw tooLong(this.cutBytes)
      else this.grow()
    }
  }

  /** The whole rows that are left; with `unfinished`, the last one too, which nothing ended. */
  *finish(unfinished: boolean): Generator<Block> {
    if (unfinished) this.cutter.endHere?.(this.filled)
    const end = unfinished ? this.filled : this.cutter.cut()
    if (end > 0) yield this.cut(end, true)
  }

  /** Bytes that belong to no whole row yet. */
  rest(): Uint8Array {
    return this.bytes.subarray(0, this.filled)
  }

  private cut(end: number, last: boolean): Block {
    const { bytes, filled } = this
    this.bytes = this.allocate(Math.max(blockBytes, filled - end))
    this.bytes.set(bytes.subarray(end, filled))
    this.filled -= end
    this.cutBytes += end
    return { bytes: bytes.subarray(0, end), rowEnds: this.cutter.restart(), last }
  }

  private grow(): void {
    const larger = this.allocate(Math.min(this.bytes.length * 2, Math.max(this.rowBytesMax + 1, blockBytes)))
    larger.set(this.bytes)
    this.bytes = larger
  }
}
