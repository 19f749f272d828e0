/** Prints that are kept, and room for twice as many, so that they are found soon: 768 KiB. */
const keptMax = 1 << 15
const slots = keptMax * 2
/** A saved table is made anew when so many have come behind it: a third of what it takes itself. */
const laterMax = keptMax / 2

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
  private saved: PrintTable | null = null
  /** Prints since then, two words each. */
  private later: number[] = []

  /** Prints of two words each. */
  add(prints: Uint32Array): void {
    for (let at = 0; at < prints.length; at += 2) this.addPrint(prints[at]!, prints[at + 1]!, 1)
    if (this.saved) this.noteLater(prints)
  }

  repeated(): RepeatedRows {
    let rows = 0
    for (let at = 2; at < this.table.length; at += 3) rows += Math.max(0, this.table[at]! - 1)
    return { rows: rows * 2 ** this.halvings, share: 2 ** -this.halvings }
  }

  /** `table` is the same object as the last time as long as it will do. */
  save(): DistinctRowsState {
    if (!this.saved) {
      this.saved = this.tableNow()
      this.later = []
    }
    return {
      table: this.saved,
      halvings: this.halvings,
      later: base64Of(Uint32Array.from(this.later)),
    }
  }

  restore({ table, halvings, later }: DistinctRowsState): void {
    this.halvings = table.halvings
    const words = wordsOf(table.slots)
    for (let at = 0; at < words.length; at += 3) this.addPrint(words[at]!, words[at + 1]!, words[at + 2]!)
    // What was halved away behind the table is not among the later ones, so they would not bring it about.
    while (this.halvings < halvings) this.halve()
    this.saved = table
    this.add(wordsOf(later))
  }

  private tableNow(): PrintTable {
    const kept = new Uint32Array(this.kept * 3)
    let length = 0
    for (let at = 0; at < this.table.length; at += 3) {
      if (this.table[at + 2] === 0) continue
      kept.set(this.table.subarray(at, at + 3), length)
      length += 3
    }
    return { halvings: this.halvings, slots: base64Of(kept) }
  }

  /** Those that are not looked at now never will be. */
  private noteLater(prints: Uint32Array): void {
    for (let at = 0; at < prints.length; at += 2)
      if (this.isLookedAt(prints[at]!)) this.later.push(prints[at]!, prints[at + 1]!)
    if (this.later.length > laterMax * 2) this.saved = null
  }

  /** By the low bits, so that equal rows are looked at together or not at all. */
  private isLookedAt(one: number): boolean {
    return (one & (2 ** this.halvings - 1)) === 0
  }

  private addPrint(one: number, other: number, times: number): void {
    if (!this.isLookedAt(one)) return
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

/** Most of what is to be saved, and the same for many blocks. */
export interface PrintTable {
  halvings: number
  /** Base64 of words, three a print. */
  slots: string
}

export interface DistinctRowsState {
  table: PrintTable
  /** Since the table was made, too. */
  halvings: number
  /** Base64 of the words of the prints that came behind the table, two each. */
  later: string
}

const base64Of = ({ buffer, byteOffset, byteLength }: Uint32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

const wordsOf = (text: string): Uint32Array =>
  new Uint32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
