import type { TextCodec } from '../rows/row-text.ts'
import { isCard } from './card-number.ts'
import type { RuleId } from './rules.ts'
import { secretKind } from './secret-kinds.ts'

/** Something in a text that its owner would not want to train on. It says where and of what kind, never what. */
export interface Sensitive {
  at: number
  rule: Extract<RuleId, `privacy.${string}`>
  message: string
}

/** Keys have no spaces and are longer than words: whatever is shorter than this is not looked at. */
const runMin = 15

/**
 * Possible secrets and personal data in a text, in order. Long runs of key characters are found by looking at every
 * fifteenth byte and, from there, back to the last separator; so prose costs a step or two for every word.
 */
export function findSensitive(bytes: Uint8Array, codec: TextCodec): Sensitive[] {
  const found: Sensitive[] = []
  findRuns(bytes, found)
  findEmails(bytes, found)
  findPrivateKeys(bytes, codec, found)
  return found.sort((one, other) => one.at - other.at)
}

function findRuns(bytes: Uint8Array, found: Sensitive[]): void {
  let from = 0
  for (;;) {
    const landing = from + runMin - 1
    if (landing >= bytes.length) return
    const byte = bytes[landing]!
    if (isDigit(byte) || ((byte === space || byte === dash) && isDigit(bytes[landing - 1]!))) {
      const end = cardAround(bytes, landing, found)
      if (end > landing) {
        from = end
        continue
      }
    }
    let back = landing
    while (back >= from && keyBytes[bytes[back]!] === 1) back--
    if (back >= from) {
      from = back + 1
      continue
    }
    let end = landing + 1
    while (end < bytes.length && keyBytes[bytes[end]!] === 1) end++
    // In JSON, a run behind a backslash begins with the letter of an escape.
    const start = bytes[from - 1] === backslash ? from + 1 : from
    const kind = secretKind(bytes, start, end)
    if (kind !== null)
      found.push({ at: start, rule: 'privacy.secret', message: `It holds what looks like ${kind}` })
    from = end
  }
}

/** The end of a card number around a place; the place itself when there is none. */
function cardAround(bytes: Uint8Array, place: number, found: Sensitive[]): number {
  const isPart = (byte: number | undefined) => byte === space || byte === dash || isDigit(byte!)
  let start = place
  let end = place + 1
  while (start > 0 && place - start < 24 && isPart(bytes[start - 1])) start--
  while (end < bytes.length && end - place < 24 && isPart(bytes[end])) end++
  while (start < end && !isDigit(bytes[start]!)) start++
  while (end > start && !isDigit(bytes[end - 1]!)) end--
  if (!isCard(asciiOf(bytes, start, end)) || joinsWord(bytes[start - 1]) || joinsWord(bytes[end]))
    return place
  found.push({ at: start, rule: 'privacy.card', message: 'It holds what looks like a payment card number' })
  return Math.max(end, place + 1)
}

/** A digit run inside a word or behind a decimal point is no card. */
const joinsWord = (byte: number | undefined): boolean =>
  byte !== undefined && byte !== dash && (keyBytes[byte] === 1 || byte === 0x2e)

function findEmails(bytes: Uint8Array, found: Sensitive[]): void {
  for (let at = bytes.indexOf(0x40); at !== -1; at = bytes.indexOf(0x40, at + 1)) {
    let start = at
    while (start > 0 && at - start < 64 && localBytes[bytes[start - 1]!] === 1) start--
    if (bytes[start - 1] === backslash) start++
    let end = at + 1
    while (end < bytes.length && end - at < 255 && domainBytes[bytes[end]!] === 1) end++
    const domain = asciiOf(bytes, at + 1, end).replace(/[.-]+$/, '')
    if (start >= at || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(domain)) continue
    // Reserved for examples by RFC 2606: they belong to nobody.
    if (/(?:^|\.)example(?:\.(?:com|net|org))?$|\.(?:test|invalid)$/i.test(domain)) continue
    found.push({ at: start, rule: 'privacy.email', message: 'It holds an e-mail address' })
  }
}

function findPrivateKeys(bytes: Uint8Array, codec: TextCodec, found: Sensitive[]): void {
  const opening = '-----BEGIN '
  for (let at = codec.find(bytes, opening, 0); at !== -1; at = codec.find(bytes, opening, at + 1)) {
    const title = asciiOf(bytes, at + opening.length, Math.min(at + 50, bytes.length))
    if (!/^(?:[A-Z0-9]+ )*PRIVATE KEY-----/.test(title)) continue
    found.push({ at, rule: 'privacy.secret', message: 'It holds what looks like a private key' })
  }
}

const space = 0x20
const dash = 0x2d
const backslash = 0x5c
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const table = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
const keyBytes = table(/[A-Za-z0-9_-]/)
const localBytes = table(/[A-Za-z0-9._%+-]/)
const domainBytes = table(/[A-Za-z0-9.-]/)

const asciiOf = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end))
