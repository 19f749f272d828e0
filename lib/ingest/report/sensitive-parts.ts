import type { Sensitive } from './find-sensitive.ts'

const newline = 0x0a
const nothing: readonly Sensitive[] = []

/** What was found in a block, given out to its rows. Rows ask in their order, so each part is passed once. */
export class SensitiveParts {
  private next = 0
  private line = 1
  private lineAt = 0
  private readonly bytes: Uint8Array
  private readonly parts: readonly Sensitive[]

  constructor(bytes: Uint8Array, parts: readonly Sensitive[]) {
    this.bytes = bytes
    this.parts = parts
  }

  /** In bytes [start, end). */
  within(start: number, end: number): readonly Sensitive[] {
    return this.take(
      ({ at }) => at < start,
      ({ at }) => at < end,
    )
  }

  /** In `lines` lines from a line on, counted from 1. */
  inLines(line: number, lines: number): readonly Sensitive[] {
    return this.take(
      ({ at }) => this.lineOf(at) < line,
      ({ at }) => this.lineOf(at) < line + lines,
    )
  }

  private take(
    isBefore: (part: Sensitive) => boolean,
    isIn: (part: Sensitive) => boolean,
  ): readonly Sensitive[] {
    const { parts } = this
    while (this.next < parts.length && isBefore(parts[this.next]!)) this.next++
    const from = this.next
    while (this.next < parts.length && isIn(parts[this.next]!)) this.next++
    return from === this.next ? nothing : parts.slice(from, this.next)
  }

  private lineOf(at: number): number {
    for (; this.lineAt < at; this.lineAt++) if (this.bytes[this.lineAt] === newline) this.line++
    return this.line
  }
}
