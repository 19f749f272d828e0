import { newTally, type RowTally, resetTally, tallyTurn } from '../report/row-tally.ts'

/**
 * Reads the row that ingest sees most, `{"messages": [{"role": ..., "content": "..."}, ...]}` with nothing else in it
 * and nothing to complain about, from its bytes alone: neither text nor objects are made of it, which costs several
 * times what looking costs. Of any other row it says nothing, not even whether it is JSON: it has to be parsed.
 */
export class PlainChat {
  /** Of the row that was read last. */
  readonly tally: RowTally = newTally()
  /** Where the row has line breaks between its tokens: from, to, from, to, ...; with the space behind each. */
  readonly breaks: number[] = []
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0

  /** Whether bytes [start, end), which are UTF-8, are such a row. */
  reads(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes
    this.at = start
    resetTally(this.tally)
    if (this.breaks.length > 0) this.breaks.length = 0
    return this.row() && this.at === end
  }

  private row(): boolean {
    if (
      !(this.takes(openBrace) && this.takesWord(messages) && this.takes(colon) && this.takes(openBracket))
    ) {
      return false
    }
    let before = -1
    do {
      const role = this.turn()
      if (role === -1 || (role === system && before !== -1)) return false
      if (role === before && (role === user || role === assistant)) return false
      before = role
    } while (this.takes(comma))
    if (!this.takes(closeBracket)) return false
    if (this.bytes[this.at] !== closeBrace) return false
    this.at++
    const { tally } = this
    tally.output = tally.spoken
    tally.input = tally.characters - tally.spoken
    return tally.assistant > 0
  }

  /** The index of its role, or -1. */
  private turn(): number {
    if (!(this.takes(openBrace) && this.takesWord(roleKey) && this.takes(colon))) return -1
    const role = this.role()
    if (role === -1) return -1
    if (!(this.takes(comma) && this.takesWord(contentKey) && this.takes(colon))) return -1
    const characters = this.string()
    if (characters <= 0) return -1
    this.space()
    if (!this.takes(closeBrace)) return -1
    tallyTurn(this.tally, roleNames[role]!, characters)
    return role
  }

  private role(): number {
    // The first letter tells which it can be.
    const role = roleByInitial[this.bytes[this.at + 1] ?? 0]!
    return role !== 0 && this.takesWord(roleWords[role - 1]!) ? role - 1 : -1
  }

  /** Takes one byte and the space behind it. */
  private takes(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false
    this.at++
    this.space()
    return true
  }

  private takesWord(word: Uint8Array): boolean {
    const { bytes, at } = this
    for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false
    this.at = at + word.length
    this.space()
    return true
  }

  private space(): void {
    const { bytes } = this
    let { at } = this
    if (bytes[at]! > blank) return
    let broken = -1
    for (; ; at++) {
      const byte = bytes[at]
      if (byte === newline || byte === carriageReturn) {
        if (broken === -1) broken = at
      } else if (byte !== blank && byte !== tab) break
    }
    if (broken !== -1) this.breaks.push(broken, at)
    this.at = at
  }

  /** Characters (UTF-16 code units) of a string; -1 when it is none or not a valid one. */
  private string(): number {
    const { bytes } = this
    let { at } = this
    if (bytes[at] !== quote) return -1
    const start = ++at
    let less = 0
    for (;;) {
      const kind = kinds[bytes[at]!]
      if (kind === ordinary) at++
      else if (kind === ends) {
        this.at = at + 1
        return at - start - less
      } else if (kind === continues) {
        less++
        at++
      } else if (kind === escapes) {
        const length = escapeLength(bytes, at)
        if (length === 0) return -1
        less += length - 1
        at += length
      } else if (kind === leadsFour) {
        // Four bytes, of which three continue, are two code units.
        less--
        at++
      } else return -1
    }
  }
}

/** Bytes of the escape at a backslash, each one code unit; 0 when it is none. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const kind = escapeKinds[bytes[at + 1] ?? 0]
  if (kind !== unicode) return kind === simple ? 2 : 0
  for (let digit = at + 2; digit < at + 6; digit++) if (hexDigits[bytes[digit] ?? 0] === 0) return 0
  return 6
}

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const [colon, comma, quote] = [0x3a, 0x2c, 0x22]
const [newline, carriageReturn, blank, tab] = [0x0a, 0x0d, 0x20, 0x09]

const word = (text: string): Uint8Array => new TextEncoder().encode(JSON.stringify(text))
const messages = word('messages')
const roleKey = word('role')
const contentKey = word('content')

const roleNames = ['system', 'user', 'assistant', 'tool'] as const
const [system, user, assistant] = [0, 1, 2]
const roleWords = roleNames.map(word)

const table = (kindOf: (byte: number) => number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte))
const oneOf = (characters: string, byte: number): boolean => characters.includes(String.fromCharCode(byte))

/** 1 more than the index of the role that begins with a letter; 0 for none. */
const roleByInitial = table((byte) => roleNames.findIndex((name) => name.charCodeAt(0) === byte) + 1)

/** What a byte does inside a string. */
const [ordinary, ends, escapes, continues, leadsFour, forbidden] = [0, 1, 2, 3, 4, 5]
const kinds = table((byte) => {
  if (byte < 0x20) return forbidden
  if (byte === quote) return ends
  if (byte === 0x5c) return escapes
  if (byte >= 0xf0) return leadsFour
  return byte >= 0x80 && byte < 0xc0 ? continues : ordinary
})

/** What stands behind a backslash. */
const [simple, unicode] = [1, 2]
const escapeKinds = table((byte) => (byte === 0x75 ? unicode : oneOf('"\\/bfnrt', byte) ? simple : 0))
const hexDigits = table((byte) => (oneOf('0123456789abcdefABCDEF', byte) ? 1 : 0))
