import type { TextCodec } from '../rows/row-text.ts'
import { isCard } from './card-number.ts'
import type { RuleId } from './rules.ts'
import { type KeyAnchor, keyAnchors, secretKind } from './secret-kinds.ts'

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

/** So much is searched for everything before the next: it stays in the processor's cache meanwhile. */
const windowBytes = 1 << 15

/**
 * Possible secrets and personal data in a text, in order. Every key of a known shape has a piece that begins with a
 * letter rare in prose; the runtime's own search finds those pieces at the speed of memory.
 */
export function findSensitive(bytes: Uint8Array, codec: TextCodec): Sensitive[] {
  const found: Sensitive[] = []
  const words = wordsOf(bytes)
  for (let from = 0; from < bytes.length; from += windowBytes) {
    const search: Search = { bytes, codec, from, to: from + windowBytes, found }
    for (const anchor of keyAnchors) findKeys(search, anchor)
    findCards(search, words)
    findEmails(search)
    findPrivateKeys(search)
  }
  return found.sort((one, other) => one.at - other.at)
}

interface Search {
  bytes: Uint8Array
  codec: TextCodec
  /** Only what begins in [from, to) is looked for. */
  from: number
  to: number
  found: Sensitive[]
}

/** Every place in the window where a text begins. */
function eachPlace({ bytes, codec, from, to }: Search, text: string, visit: (at: number) => void): void {
  const part = bytes.subarray(from, Math.min(to + text.length - 1, bytes.length))
  for (let at = codec.find(part, text, 0); at !== -1; at = codec.find(part, text, at + 1)) visit(from + at)
}

function findKeys(search: Search, { text, before, shortest }: KeyAnchor): void {
  const { bytes, found } = search
  eachPlace(search, text, (at) => {
    let start = at
    while (start > 0 && at - start <= before && keyBytes[bytes[start - 1]!] === 1) start--
    // In JSON, a run behind a backslash begins with the letter of an escape.
    if (bytes[start - 1] === backslash) start++
    if (at - start !== before && text !== '_') return
    let end = at + text.length
    while (end < bytes.length && keyBytes[bytes[end]!] === 1) end++
    if (end - start < shortest) return
    const kind = secretKind(bytes, start, end)
    if (kind === null || found.at(-1)?.at === start) return
    const message = `It holds what looks like ${kind}`
    found.push({ at: start, end: endOfKey(bytes, end, kind), rule: 'privacy.secret', message })
  })
}

/**
 * Looks at four bytes at a time for four digits. Of four groups of four with a space between, one always lies so; of
 * any other way to write a card number too, some four of its digits do.
 */
function findCards({ bytes, from, to, found }: Search, words: Int32Array): void {
  const last = Math.min(words.length, to >> 2)
  for (let at = from >> 2; at < last; at++) {
    if ((words[at]! & 0xf0f0f0f0) !== fourDigits) continue
    const end = cardAround(bytes, at * 4, found)
    while ((at + 1) * 4 < end) at++
  }
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2)
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

function findEmails(search: Search): void {
  const { bytes, found } = search
  eachPlace(search, '@', (at) => {
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
  })
}

/** A capital of the title is looked for and not its dashes, which every table in Markdown has. */
function findPrivateKeys(search: Search): void {
  const { bytes, found } = search
  eachPlace(search, 'PRIVAT', (end) => {
    const title = /-----BEGIN (?:[A-Z0-9]+ )*$/.exec(asciiOf(bytes, Math.max(0, end - 40), end))
    if (title === null || asciiOf(bytes, end, end + 16) !== 'PRIVATE KEY-----') return
    const at = end - title[0].length
    const message = 'It holds what looks like a private key'
    found.push({ at, end: endOfPrivateKey(search, end), rule: 'privacy.secret', message })
  })
}

/** A token goes on behind its first dot. */
function endOfKey(bytes: Uint8Array, end: number, kind: string): number {
  if (kind !== 'a JSON web token') return end
  let at = end
  while (at < bytes.length && (bytes[at] === dot || keyBytes[bytes[at]!] === 1)) at++
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

/** The upper halves of four ASCII digits (and a few signs beside them). */
const fourDigits = 0x30303030
const space = 0x20
const dash = 0x2d
const dot = 0x2e
const backslash = 0x5c
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const table = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (pattern.test(String.fromCharCode(byte)) ? 1 : 0))
const keyBytes = table(/[A-Za-z0-9_-]/)
const localBytes = table(/[A-Za-z0-9._%+-]/)
const domainBytes = table(/[A-Za-z0-9.-]/)

const asciiOf = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end))
