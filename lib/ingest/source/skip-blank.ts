/** What a stream of text begins with before its first row: nothing, but its lines count. */
export interface BlankStart {
  lines: number
  /** That were left out. */
  bytes: number
}

/** Leaves out the blank lines before the first row, so that 200 MB of nothing else cost next to nothing. */
export async function* skipBlankStart(
  source: AsyncIterable<Uint8Array>,
  blank: BlankStart,
): AsyncGenerator<Uint8Array> {
  let begun = false
  // The space that a first line of text is indented by belongs to it.
  let indent: number[] = []
  let chunksBytes = 0
  for await (const chunk of source) {
    if (begun) {
      yield chunk
      continue
    }
    let at = 0
    let lineStart = 0
    for (; at < chunk.length && chunk[at]! <= 0x20; at++) {
      if (chunk[at] === 0x0a) {
        blank.lines++
        lineStart = at + 1
        indent = []
      }
    }
    if (at < chunk.length) {
      begun = true
      blank.bytes = chunksBytes + lineStart - indent.length
      if (indent.length > 0) yield Uint8Array.from(indent)
      yield chunk.subarray(lineStart)
    } else if (indent.length < 4096) {
      indent.push(...chunk.subarray(lineStart, lineStart + 4096))
    }
    chunksBytes += chunk.length
  }
}
