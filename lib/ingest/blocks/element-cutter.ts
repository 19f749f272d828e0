import type { JsonLayout } from './layout.ts'
import type { RowCutter } from './row-cutter.ts'

const newline = 0x0a
const space = 0x20
const quote = 0x22
const comma = 0x2c
const backslash = 0x5c

/**
 * A row an element of a JSON array, told by brackets and strings alone; whether an element is valid is found out when
 * it is parsed. A raw newline cannot be inside a JSON string, so it ends one that lacks its quote: a broken element
 * does not take the rest of the file with it.
 */
export class ElementCutter implements RowCutter {
  private readonly inArray: boolean
  /** Brackets open inside the current element. */
  private depth = 0
  private inString = false
  private escaped = false
  /** Something other than space was seen since the last end. */
  private started = false
  private elements: number
  private closed = false
  private closedAt = 0
  private ends = new Uint32Array(1024)
  private endCount = 0

  constructor(root: JsonLayout['root'], resumed = false) {
    this.inArray = root !== 'sequence'
    this.elements = resumed ? 1 : 0
  }

  look(bytes: Uint8Array, from: number, to: number): void {
    let at = from
    while (at < to && !this.closed) {
      at = this.inString ? this.skipString(bytes, at, to) : this.step(bytes, at, to)
    }
  }

  cut(): number {
    return this.endCount === 0 ? 0 : this.ends[this.endCount - 1]!
  }

  restart(): Uint32Array {
    const ends = this.ends.slice(0, this.endCount)
    this.closedAt -= this.cut()
    this.endCount = 0
    return ends
  }

  ended(): boolean {
    return this.closed
  }

  /** Makes a row of an element that was begun and never ended, so that what is wrong with it can be said. */
  endHere(filled: number): void {
    if (this.started) this.endElement(filled)
  }

  /** Offset behind the bracket that closed the array, in what `restart` left. */
  get restStart(): number {
    return this.closedAt
  }

  /** Looks at bytes outside strings, up to the next string. */
  private step(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      if (byte <= space) continue
      if (byte === quote) {
        this.started = true
        this.inString = true
        return at + 1
      }
      if (byte === comma && this.depth === 0 && this.inArray) {
        this.endElement(at + 1)
        continue
      }
      // [ and {, then ] and }: they differ from each other in one bit
      const bracket = byte | 0x20
      if (bracket === 0x7b) this.depth++
      else if (bracket === 0x7d && this.depth-- === 0) {
        this.close(at)
        return at + 1
      }
      this.started = true
      if (!this.inArray && this.depth === 0 && bracket === 0x7d) this.endElement(at + 1)
    }
    return to
  }

  private skipString(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    if (this.escaped) {
      this.escaped = false
      at++
    }
    for (; at < to; at++) {
      const byte = bytes[at]!
      if (byte === quote || byte === newline) {
        this.inString = false
        return at + 1
      }
      if (byte === backslash && ++at >= to) this.escaped = true
    }
    return to
  }

  /** A comma before the closing bracket leaves an empty element, for the worker to complain about. */
  private close(at: number): void {
    this.closed = true
    this.closedAt = at + 1
    if (this.started || this.elements > 0) this.endElement(at)
  }

  private endElement(end: number): void {
    if (this.endCount === this.ends.length) {
      const larger = new Uint32Array(this.ends.length * 2)
      larger.set(this.ends)
      this.ends = larger
    }
    this.ends[this.endCount++] = end
    this.elements++
    this.started = false
  }
}
