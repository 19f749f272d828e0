const quote = 0x22
const backslash = 0x5c

/** Rows shorter than this cannot nest deeply enough to hurt; their depth is seen after they are parsed. */
const harmlessCharacters = 65_536

/**
 * Whether a long row nests deeper than it may, told from its text: to parse megabytes of brackets first would build
 * millions of arrays only to throw them away.
 */
export function nestsTooDeep(text: string, depthMax: number): boolean {
  if (text.length <= harmlessCharacters) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = stringEnd(text, at)
    // [ and {, then ] and }: they differ from each other in one bit
    else if ((code | 0x20) === 0x7b && ++depth > depthMax) return true
    else if ((code | 0x20) === 0x7d) depth--
  }
  return false
}

/** Where the string that starts at `at` has its closing quote. */
export function stringEnd(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === backslash) end++
    else if (code === quote) return end
  }
  return text.length
}
