/** How bytes become text. Node and the browser each bring their own; the rules above them are the same. */
export interface TextCodec {
  /** UTF-8 to a string; only asked for bytes that are valid. */
  decode(bytes: Uint8Array, start: number, end: number): string
  isUtf8(bytes: Uint8Array): boolean
}

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

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
