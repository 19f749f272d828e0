/*
 * Where to look closer for keys, addresses and card numbers: pairs of bytes that are rare in prose and that every key
 * of a known shape has (`report/secret-kinds.ts`), signs that every address has, and four digits that lie at a multiple
 * of four. Of four groups of four digits with a space between, one always lies so; of any other way to write a card
 * number too, some four of its digits do.
 */

/** What has to stand behind a byte for its place to count. */
const followers: Readonly<Record<string, string>> = { k: '-', x: 'o', A: 'KSI', J: 'h0', P: 'R' }
const alone = '@_'
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const [never, always, behind, digits] = [0, 1, 2, 3]
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (alone.includes(character)) return always
  if (isDigit(byte)) return digits
  return character in followers ? behind : never
})

/** In order. */
export function eachPlaceIn(bytes: Uint8Array, visit: (at: number) => void): void {
  for (let at = 0; at < bytes.length; at++) {
    const kind = kinds[bytes[at]!]
    if (kind === never) continue
    if (kind === always || (kind === behind && isFollowed(bytes, at))) visit(at)
    else if (kind === digits && at % 4 === 0 && hasFourDigits(bytes, at)) visit(at)
  }
}

function isFollowed(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1]
  return next !== undefined && followers[String.fromCharCode(bytes[at]!)]!.includes(String.fromCharCode(next))
}

function hasFourDigits(bytes: Uint8Array, at: number): boolean {
  for (let digit = at + 1; digit < at + 4; digit++) if (!isDigit(bytes[digit] ?? 0)) return false
  return true
}
