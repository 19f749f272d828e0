/** Prints that are kept; 256 KiB of them. */
const keptMax = 1 << 15

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
  private table = new Float64Array(keptMax * 2).fill(-1)
  private kept = 0
  private repeats = new Map<number, number>()
  private halvings = 0

  add(prints: Float64Array): void {
    for (let at = 0; at < prints.length; at++) this.addOne(prints[at]!)
  }

  repeated(): RepeatedRows {
    let rows = 0
    for (const times of this.repeats.values()) rows += times
    return { rows: rows * 2 ** this.halvings, share: 2 ** -this.halvings }
  }

  save(): DistinctRowsState {
    const prints = this.table.filter((print) => print >= 0)
    return {
      halvings: this.halvings,
      prints: Buffer.from(prints.buffer, 0, prints.byteLength).toString('base64'),
      repeats: [...this.repeats],
    }
  }

  restore({ halvings, prints, repeats }: DistinctRowsState): void {
    this.halvings = halvings
    const bytes = Buffer.from(prints, 'base64')
    const saved = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    for (const print of saved) this.insert(print)
    this.repeats = new Map(repeats)
  }

  private addOne(print: number): void {
    if (!this.isLookedAt(print) || this.insert(print)) return
    this.repeats.set(print, (this.repeats.get(print) ?? 0) + 1)
  }

  /** By the low bits of the checksum, so that equal rows are looked at together or not at all. */
  private isLookedAt(print: number): boolean {
    return Math.floor(print / 0x10000) % 2 ** this.halvings === 0
  }

  /** False when it was there already. */
  private insert(print: number): boolean {
    const mask = this.table.length - 1
    let slot = Math.imul(Math.floor(print / 0x10000) ^ (print & 0xffff), 0x9e3779b1) >>> 0
    for (slot &= mask; this.table[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.table[slot] === print) return false
    }
    this.table[slot] = print
    if (++this.kept > keptMax) this.halve()
    return true
  }

  private halve(): void {
    this.halvings++
    const before = this.table
    this.table = new Float64Array(before.length).fill(-1)
    this.kept = 0
    for (const print of before) if (print >= 0 && this.isLookedAt(print)) this.insert(print)
    for (const print of this.repeats.keys()) if (!this.isLookedAt(print)) this.repeats.delete(print)
  }
}

export interface DistinctRowsState {
  halvings: number
  /** Base64 of doubles. */
  prints: string
  repeats: [number, number][]
}
