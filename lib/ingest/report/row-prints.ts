import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { CanonicalRow } from '../formats/row-format.ts'
import { type SampledRow, TokenSample } from './token-sample.ts'

/** What tells a block's rows from others, row by row, and a sample of what they say. */
export interface RowPrints {
  /** Two words for each row: equal for equal rows. */
  exact: Uint32Array<ArrayBuffer>
  /** The same for rows that differ only in case, spaces, punctuation or digits; null where nobody asked. */
  near: Uint32Array<ArrayBuffer> | null
  sample: SampledRow[]
}

/** Takes the prints of a block's rows. Two rows that differ have one print with a chance of about 1 in 2^32. */
export class RowPrinter {
  private readonly exact = new WordList()
  private readonly near: WordList | null
  private readonly sample: TokenSample
  private viewed: Uint8Array | null = null
  private view: DataView = new DataView(new ArrayBuffer(0))

  constructor({ compareNearly, sampleBelow }: PrintOptions) {
    this.near = compareNearly ? new WordList() : null
    this.sample = new TokenSample(sampleBelow)
  }

  /** A row by its bytes as they came, [start, end); what became of it is only asked for of few. */
  row(bytes: Uint8Array, start: number, end: number, rowsOf: () => readonly CanonicalRow[]): void {
    if (this.viewed !== bytes) {
      this.viewed = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const rank = pushPrint(this.exact, this.view, start, end)
    if (this.near !== null) pushNearPrint(this.near, bytes, start, end)
    if (rank >= this.sample.below) return
    this.sample.add({
      rank,
      text: rowsOf()
        .map(({ row }) => saidIn(row))
        .join('\n'),
    })
  }

  finish(): RowPrints {
    return { exact: this.exact.words(), near: this.near?.words() ?? null, sample: this.sample.rows() }
  }
}

/** Pairs of 32-bit words. */
class WordList {
  private list = new Uint32Array(16_384)
  private length = 0

  push(one: number, other: number): void {
    if (this.length === this.list.length) {
      const larger = new Uint32Array(this.length * 2)
      larger.set(this.list)
      this.list = larger
    }
    this.list[this.length++] = one
    this.list[this.length++] = other
  }

  words(): Uint32Array<ArrayBuffer> {
    return this.list.slice(0, this.length)
  }
}

export interface PrintOptions {
  compareNearly: boolean
  /** Rows that rank above this are in no sample any more. */
  sampleBelow: number
}

/** Two hashes by turns, four bytes each at a time; returns a third, which puts rows into a random order. */
function pushPrint(prints: WordList, view: DataView, start: number, end: number): number {
  let one = end - start
  let other = 0x2c1b3c6d
  let at = start
  for (; at + 8 <= end; at += 8) {
    one = Math.imul(one ^ view.getInt32(at, true), 0x9e3779b1)
    other = Math.imul(other ^ view.getInt32(at + 4, true), 0x85ebca6b)
    one ^= one >>> 15
    other ^= other >>> 13
  }
  for (; at < end; at++) one = Math.imul(one ^ view.getUint8(at), 0x9e3779b1)
  one = mixed(one ^ Math.imul(other, 0xc2b2ae35))
  prints.push(one, mixed(other))
  return mixed(one ^ 0x297a2d39) >>> 0
}

/** Every bit of the hash comes to depend on every other (the finish of MurmurHash3). */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}

/** FNV-1a over letters alone, in lower case, with everything beyond ASCII; escapes of JSON are no letters. */
function pushNearPrint(prints: WordList, bytes: Uint8Array, start: number, end: number): void {
  let hash = 0x811c9dc5
  let letters = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x5c) at++
    else {
      const lower = byte | 0x20
      if (byte >= 0x80 || (lower >= 0x61 && lower <= 0x7a)) {
        hash = Math.imul(hash ^ (byte >= 0x80 ? byte : lower), 0x01000193)
        letters++
      }
    }
  }
  prints.push(mixed(hash), letters)
}

/** Keys whose strings are labels, not language. */
const labels = new Set(['role', 'from', 'type', 'id', 'tool_call_id'])

/** Everything that a row says, its strings one after the other. */
function saidIn(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  if (Array.isArray(value)) return value.map(saidIn).filter(Boolean).join('\n')
  return Object.entries(value)
    .filter(([key]) => !labels.has(key))
    .map(([, child]) => saidIn(child))
    .filter(Boolean)
    .join('\n')
}
