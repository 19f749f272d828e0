import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { CanonicalRow } from '../formats/row-format.ts'
import type { TextCodec } from '../rows/row-text.ts'
import { type SampledRow, TokenSample } from './token-sample.ts'

/** What tells a block's rows from others, row by row, and a sample of what they say. */
export interface RowPrints {
  /** A number for each row: equal for equal rows. */
  exact: Float64Array<ArrayBuffer>
  /** The same for rows that differ only in case, spaces, punctuation or digits; null where nobody asked. */
  near: Float64Array<ArrayBuffer> | null
  sample: SampledRow[]
}

/** Takes the prints of a block's rows. Two rows that differ have one print with a chance of 1 in 2^32. */
export class RowPrinter {
  private readonly exact: number[] = []
  private readonly near: number[] | null
  private readonly sample: TokenSample
  private readonly codec: TextCodec

  constructor(codec: TextCodec, { compareNearly, sampleBelow }: PrintOptions) {
    this.codec = codec
    this.near = compareNearly ? [] : null
    this.sample = new TokenSample(sampleBelow)
  }

  /** A row by its bytes as they came, [start, end). */
  row(bytes: Uint8Array, start: number, end: number, rows: readonly CanonicalRow[]): void {
    const crc = this.codec.crc32(bytes, start, end)
    this.exact.push(printOf(crc, end - start))
    this.near?.push(nearPrint(bytes, start, end))
    const rank = rankOf(crc)
    if (rank < this.sample.below)
      this.sample.add({ rank, text: rows.map(({ row }) => saidIn(row)).join('\n') })
  }

  finish(): RowPrints {
    return {
      exact: Float64Array.from(this.exact),
      near: this.near && Float64Array.from(this.near),
      sample: this.sample.rows(),
    }
  }
}

export interface PrintOptions {
  compareNearly: boolean
  /** Rows that rank above this are in no sample any more. */
  sampleBelow: number
}

const printOf = (hash: number, length: number): number => (hash >>> 0) * 0x10000 + (length & 0xffff)

/** A checksum is uniform, but its low bits also choose which prints are kept; the rank has to be another choice. */
const rankOf = (crc: number): number => Math.imul(crc ^ (crc >>> 15), 0x2c1b3c6d) >>> 0

/** FNV-1a over letters alone, in lower case, with everything beyond ASCII; escapes of JSON are no letters. */
function nearPrint(bytes: Uint8Array, start: number, end: number): number {
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
  return printOf(hash, letters)
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
