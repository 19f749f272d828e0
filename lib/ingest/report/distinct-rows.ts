/** Prints that are kept, and room for twice as many, so that they are found soon: 768 KiB. */
const keptMax = 1 << 15
const slots = keptMax * 2

export interface RepeatedRows {
  rows: number
  /** The share of rows that was looked at: 1 when all were. */
  share: number
}

/**
 * Counts rows that were there before, in bounded memory: exactly, up to 32,768 different rows; beyond, only those of a
 * half, a quarter, ... of all prints are looked at (adaptive sampling, Flajolet 1990), and the count is multiplied.
 */
export class DistinctRows {
  /** A slot is two words of print and how often it came; 0 times is empty. */
  private table = new Uint32Array(slots * 3)
  private kept = 0
  private halvings = 0

  /** Prints of two words each. */
  add(prints: Uint32Array): void {
    for (let at = 0; at < prints.length; at += 2) this.addPrint(prints[at]!, prints[at + 1]!, 1)
  }

  repeated(): RepeatedRows {
    let rows = 0
    for (let at = 2; at < this.table.length; at += 3) rows += Math.max(0, this.table[at]! - 1)
    return { rows: rows * 2 ** this.halvings, share: 2 ** -this.halvings }
  }

  save(): DistinctRowsState {
    const kept = new Uint32Array(this.kept * 3)
    let length = 0
    for (let at = 0; at < this.table.length; at += 3) {
      if (this.table[at + 2] === 0) continue
      kept.set(this.table.subarray(at, at + 3), length)
      length += 3
    }
    return { halvings: this.halvings, slots: Buffer.from(kept.buffer).toString('base64') }
  }

  restore({ halvings, slots: saved }: DistinctRowsState): void {
    this.halvings = halvings
    const bytes = Uint8Array.from(Buffer.from(saved, 'base64'))
    const words = new Uint32Array(bytes.buffer)
    for (let at = 0; at < words.length; at += 3) this.addPrint(words[at]!, words[at + 1]!, words[at + 2]!)
  }

  private addPrint(one: number, other: number, times: number): void {
    // By the low bits, so that equal rows are looked at together or not at all.
    if ((one & (2 ** this.halvings - 1)) !== 0) return
    const { table } = this
    let at = ((one >>> 8) % slots) * 3
    while (table[at + 2] !== 0) {
      if (table[at] === one && table[at + 1] === other) {
        table[at + 2]! += times
        return
      }
      at = at + 3 === table.length ? 0 : at + 3
    }
    table[at] = one
    table[at + 1] = other
    table[at + 2] = times
    if (++this.kept > keptMax) this.halve()
  }

  private halve(): void {
    this.halvings++
    const before = this.table
    this.table = new Uint32Array(before.length)
    this.kept = 0
    for (let at = 0; at < before.length; at += 3) {
      if (before[at + 2] !== 0) this.addPrint(before[at]!, before[at + 1]!, before[at + 2]!)
    }
  }
}

export interface DistinctRowsState {
  halvings: number
  /** Base64 of words, three a print. */
  slots: string
}
