import type { TextCodec } from '../rows/row-text.ts'
import { type BlockScan, textScan } from '../scan/block-scan.ts'
import { isCard } from './card-number.ts'
import type { RuleId } from './rules.ts'
import { keyAnchors, secretKind } from './secret-kinds.ts'

/** Something in a text that its owner would not want to train on. It says where and of what kind, never what. */
export interface Sensitive {
  at: number
  /** Behind it. */
  end: number
  rule: Extract<RuleId, `privacy.${string}`>
  message: string
}

/** Characters of a card number, with the spaces or dashes in it. */
const cardMin = 15
const cardMax = 19

/** Possible secrets and personal data in a text, in order. */
export function findSensitive(
  bytes: Uint8Array,
  codec: TextCodec,
  scan: Pick<BlockScan, 'eachPlace'> = textScan(bytes),
): Sensitive[] {
  const search: Search = { bytes, codec, found: [], tokensEnd: 0 }
  let cardEnd = 0
  scan.eachPlace((at) => {
    const byte = bytes[at]!
    if (isDigit(byte)) {
      if (at >= cardEnd) cardEnd = cardAround(search, at)
    } else if (byte === atSign) findEmail(search, at)
    else if (byte === capitalP) findPrivateKey(search, at)
    else findKey(search, at)
  })
  return search.found.sort((one, other) => one.at - other.at)
}

interface Search {
  bytes: Uint8Array
  codec: TextCodec
  found: Sensitive[]
  /** Where the last run of tokens and dots ends: each token in it goes on to there. */
  tokensEnd: number
}

function findKey(search: Search, at: number): void {
  const { bytes, found } = search
  const anchor = anchorsByInitial[bytes[at]!]?.find(({ text }) => isAt(bytes, text, at))
  if (anchor === undefined) return
  const { text, before, shortest } = anchor
  let start = at
  while (start > 0 && at - start <= before && keyBytes[bytes[start - 1]!] === 1) start--
  // In JSON, a run behind a backslash begins with the letter of an escape.
  if (bytes[start - 1] === backslash) start++
  // Inside of a run nothing begins, and to look for its end from everywhere in it would take forever.
  if (text === '_' ? at - start > before : at - start !== before) return
  let end = at + text.length
  while (end < bytes.length && keyBytes[bytes[end]!] === 1) end++
  if (end - start < shortest) return
  const kind = secretKind(bytes, start, end)
  if (kind === null || found.at(-1)?.at === start) return
  const message = `It holds what looks like ${kind}`
  found.push({ at: start, end: endOfKey(search, end, kind), rule: 'privacy.secret', message })
}

const anchorsByInitial = Array.from({ length: 128 }, (_, byte) =>
  keyAnchors.filter(({ text }) => text.charCodeAt(0) === byte),
)

/** The end of a card number around a place; the place itself when there is none. */
function cardAround({ bytes, found }: Search, place: number): number {
  const isPart = (byte: number | undefined) => byte === space || byte === dash || isDigit(byte!)
  let start = place
  let end = place + 1
  while (start > 0 && place - start < 24 && isPart(bytes[start - 1])) start--
  while (end < bytes.length && end - place < 24 && isPart(bytes[end])) end++
  while (start < end && !isDigit(bytes[start]!)) start++
  while (end > start && !isDigit(bytes[end - 1]!)) end--
  // Most numbers are short, and this is asked of every one that is landed on.
  if (end - start < cardMin || end - start > cardMax) return place
  if (!isCard(asciiOf(bytes, start, end)) || joinsWord(bytes[start - 1]) || joinsWord(bytes[end]))
    return place
  const message = 'It holds what looks like a payment card number'
  found.push({ at: start, end, rule: 'privacy.card', message })
  return Math.max(end, place + 1)
}

/** A digit run inside a word or behind a decimal point is no card. */
const joinsWord = (byte: number | undefined): boolean =>
  byte !== undefined && byte !== dash && (keyBytes[byte] === 1 || byte === dot)

function findEmail({ bytes, found }: Search, at: number): void {
  let start = at
  while (start > 0 && at - start < 64 && localBytes[bytes[start - 1]!] === 1) start--
  if (bytes[start - 1] === backslash) start++
  let end = at + 1
  while (end < bytes.length && end - at < 255 && domainBytes[bytes[end]!] === 1) end++
  const domain = asciiOf(bytes, at + 1, end).replace(/[.-]+$/, '')
  if (start >= at || !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(domain)) return
  // Reserved for examples by RFC 2606: they belong to nobody.
  if (/(?:^|\.)example(?:\.(?:com|net|org))?$|\.(?:test|invalid)$/i.test(domain)) return
  const message = 'It holds an e-mail address'
  found.push({ at: start, end: at + 1 + domain.length, rule: 'privacy.email', message })
}

/** A capital of the title is looked for and not its dashes, which every table in Markdown has. */
function findPrivateKey(search: Search, end: number): void {
  const { bytes, found } = search
  if (!isAt(bytes, 'PRIVATE KEY-----', end)) return
  const title = /-----BEGIN (?:[A-Z0-9]+ )*$/.exec(asciiOf(bytes, Math.max(0, end - 40), end))
  if (title === null) return
  const at = end - title[0].length
  const message = 'It holds what looks like a private key'
  found.push({ at, end: endOfPrivateKey(search, end), rule: 'privacy.secret', message })
}

/** A token goes on behind its first dot. */
function endOfKey(search: Search, end: number, kind: string): number {
  if (kind !== 'a JSON web token') return end
  const { bytes } = search
  let at = Math.max(end, search.tokensEnd)
  while (at < bytes.length && (bytes[at] === dot || keyBytes[bytes[at]!] === 1)) at++
  search.tokensEnd = at
  return at
}

const privateKeyBytesMax = 1 << 14

/** Where no end is in sight, the text is all key. */
function endOfPrivateKey({ bytes, codec }: Search, from: number): number {
  const end = Math.min(bytes.length, from + privateKeyBytesMax)
  const found = codec.find(bytes.subarray(from, end), '-----END', 0)
  if (found === -1) return end
  const close = codec.find(bytes.subarray(from + found, end), 'KEY-----', 0)
  return close === -1 ? end : from + found + close + 'KEY-----'.length
}

const atSign = 0x40
const capitalP = 0x50
const space = 0x20
const dash = 0x2d
const dot = 0x2e
const backslash = 0x5c
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

function isAt(bytes: Uint8Array, text: string, at: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}

const table = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
const keyBytes = table(/[A-Za-z0-9_-]/)
const localBytes = table(/[A-Za-z0-9._%+-]/)
const domainBytes = table(/[A-Za-z0-9.-]/)

const asciiOf = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end))
