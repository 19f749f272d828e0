import type { RowSink } from '../blocks/block.ts'
import { deflateRaw } from '../deflate/deflate.ts'
import { gzipMember } from './gzip-member.ts'

const newline = 0x0a
const keptBytesMax = 16 << 20

/** Text of the last member that was built; kept, since all members are about as long. */
let scratch = Buffer.allocUnsafeSlow(6 << 20)

/**
 * Puts the canonical rows of a block together, one a line, and compresses them. Rows that are stored as they came are
 * copied in runs, and not at all when the whole block is one run.
 */
export class MemberBuilder implements RowSink {
  private readonly block: Uint8Array
  private length = 0
  private runStart = 0
  private runEnd = -1
  private rows = 0

  constructor(block: Uint8Array) {
    this.block = block
  }

  same(start: number, end: number): void {
    this.rows++
    if (this.runEnd !== -1 && start === this.runEnd + 1 && this.block[this.runEnd] === newline) {
      this.runEnd = end
      return
    }
    this.flushRun()
    this.runStart = start
    this.runEnd = end
  }

  without(pieces: readonly number[], start: number, end: number): void {
    this.rows++
    this.flushRun()
    this.reserve(end - start + 1)
    let from = start
    for (let at = 0; at < pieces.length; at += 2) {
      this.append(from, pieces[at]!)
      from = pieces[at + 1]!
    }
    this.append(from, end)
    scratch[this.length++] = newline
  }

  text(row: string): void {
    this.rows++
    this.flushRun()
    this.reserve(row.length * 3 + 1)
    this.length += scratch.write(row, this.length)
    scratch[this.length++] = newline
  }

  /** The member, or null when no row was kept. */
  finish(): Uint8Array<ArrayBuffer> | null {
    if (this.rows === 0) return null
    if (this.length === 0 && this.block[this.runEnd] === newline) {
      return this.packed(this.block.subarray(this.runStart, this.runEnd + 1))
    }
    this.flushRun()
    const member = this.packed(scratch.subarray(0, this.length))
    if (scratch.length > keptBytesMax) scratch = Buffer.allocUnsafeSlow(6 << 20)
    return member
  }

  private packed(raw: Uint8Array): Uint8Array<ArrayBuffer> {
    return gzipMember(raw, this.rows, deflateRaw(raw))
  }

  private flushRun(): void {
    if (this.runEnd === -1) return
    const run = this.block.subarray(this.runStart, this.runEnd)
    this.reserve(run.length + 1)
    scratch.set(run, this.length)
    this.length += run.length
    scratch[this.length++] = newline
    this.runEnd = -1
  }

  /** Byte by byte, since what lies between two line breaks is short. */
  private append(start: number, end: number): void {
    const { block } = this
    let { length } = this
    for (let at = start; at < end; at++) scratch[length++] = block[at]!
    this.length = length
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= scratch.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, this.length + bytes))
    scratch.copy(larger, 0, 0, this.length)
    scratch = larger
  }
}
