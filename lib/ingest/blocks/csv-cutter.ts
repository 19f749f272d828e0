import type { RowCutter } from './row-cutter.ts'

const newline = 0x0a
const quote = 0x22

/** A row a record: a newline ends one unless it is in a quoted cell, and a quote opens one only at its beginning. */
export class CsvCutter implements RowCutter {
  private readonly delimiter: number
  private end = 0
  private state: 'cell start' | 'plain' | 'quoted' | 'quote in quoted' = 'cell start'

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0)
  }

  look(bytes: Uint8Array, from: number, to: number): void {
    let { state } = this
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      if (state === 'quoted') {
        if (byte === quote) state = 'quote in quoted'
      } else if (byte === quote && state !== 'plain') {
        state = 'quoted'
      } else if (byte === newline) {
        this.end = at + 1
        state = 'cell start'
      } else {
        state = byte === this.delimiter ? 'cell start' : 'plain'
      }
    }
    this.state = state
  }

  cut(): number {
    return this.end
  }

  restart(): null {
    this.end = 0
    return null
  }
}
