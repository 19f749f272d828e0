import { type BlockScan, textScan } from '../scan/block-scan.ts'

/** How bytes become text. Node and the browser each bring their own; the rules above them are the same. */
export interface TextCodec {
  /** UTF-8 to a string; only asked for bytes that are valid. */
  decode(bytes: Uint8Array, start: number, end: number): string
  isUtf8(bytes: Uint8Array): boolean
  encode(text: string): Uint8Array
  /** Offset of an ASCII text from `from` on; -1 when it is not there. */
  find(bytes: Uint8Array, text: string, from: number): number
  /** A look at a block; one at a time. */
  scan(block: Uint8Array): BlockScan
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

const encoder = new TextEncoder()

/** The codec of any runtime. */
export const webCodec: TextCodec = {
  decode: (bytes, start, end) => lenient.decode(bytes.subarray(start, end)),
  isUtf8(bytes) {
    try {
      strict.decode(bytes)
      return true
    } catch {
      return false
    }
  },
  encode: (text) => encoder.encode(text),
  scan: textScan,
  find(bytes, text, from) {
    const first = text.charCodeAt(0)
    for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
      let length = 1
      while (length < text.length && bytes[at + length] === text.charCodeAt(length)) length++
      if (length === text.length) return at
    }
    return -1
  },
}

/** Offset of the first byte that is no UTF-8. */
export function firstBadByte(bytes: Uint8Array, codec: TextCodec): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (codec.isUtf8(bytes.subarray(0, characterStart(bytes, middle)))) good = middle
    else bad = middle
  }
  return characterStart(bytes, good)
}

/** Steps back from a continuation byte, at most to the byte that a character of four can start at. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at
  while (start > at - 3 && start > 0 && (bytes[start]! & 0xc0) === 0x80) start--
  return start
}
