import type { RowCutter } from './row-cutter.ts'

const newline = 0x0a

/** A row a line. */
export class LineCutter implements RowCutter {
  private end = 0

  look(bytes: Uint8Array, from: number, to: number): void {
    const last = bytes.subarray(from, to).lastIndexOf(newline)
    if (last !== -1) this.end = from + last + 1
  }

  cut(): number {
    return this.end
  }

  restart(): null {
    this.end = 0
    return null
  }
}

/** A row until the next blank line. */
export class ParagraphCutter implements RowCutter {
  private end = 0
  /** Whether only space was seen since the last newline. */
  private blank: boolean

  constructor(resumed = false) {
    this.blank = resumed
  }

  look(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      if (byte === newline) {
        if (this.blank) this.end = at + 1
        this.blank = true
      } else if (byte > 0x20) this.blank = false
    }
  }

  cut(): number {
    return this.end
  }

  restart(): null {
    this.end = 0
    return null
  }
}

/** One row, however long. */
export class DocumentCutter implements RowCutter {
  look(): void {}

  cut(): number {
    return 0
  }

  restart(): null {
    return null
  }
}
