const newline = 0x0a
const comma = 0x2c
const space = 0x20

/** A row in a block: bytes [start, end), and its line (from 1) or its index (from 0). */
export type VisitSpan = (start: number, end: number, ordinal: number) => boolean

/** Every line that is not blank, without the space around it. Returns how many lines the block has. */
export function eachLine(bytes: Uint8Array, visit: VisitSpan): number {
  let line = 1
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at]!
    if (byte <= space) {
      if (byte === newline) line++
      at++
      continue
    }
    const found = bytes.indexOf(newline, at)
    const lineEnd = found === -1 ? bytes.length : found
    if (!visit(at, trimmedEnd(bytes, at, lineEnd), line)) break
    at = lineEnd
  }
  return line - 1
}

/** Every element of a JSON array, without the space and the comma around it. An element may be empty: `[1,,2]`. */
export function eachElement(bytes: Uint8Array, rowEnds: Uint32Array, visit: VisitSpan): void {
  let from = 0
  for (let index = 0; index < rowEnds.length; index++) {
    const rowEnd = rowEnds[index]!
    let start = from
    while (start < rowEnd && bytes[start]! <= space) start++
    const beforeComma = bytes[rowEnd - 1] === comma ? rowEnd - 1 : rowEnd
    if (!visit(start, trimmedEnd(bytes, start, beforeComma), index)) return
    from = rowEnd
  }
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end
  while (trimmed > start && bytes[trimmed - 1]! <= space) trimmed--
  return trimmed
}
