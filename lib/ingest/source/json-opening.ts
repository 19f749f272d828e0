import type { JsonObject } from '../formats/row-format.ts'
import { stringEnd } from '../rows/json-depth.ts'

/** What the beginning of a top-level object shows. */
export interface Opening {
  /** Where the first array of objects or lists begins, under a key that no row format has. */
  arrayAt: number | null
  /** Behind it; the end of what is there when it goes on. */
  arrayEnd: number
  /** The keys so far, as a row, to ask which format has them. */
  keys: JsonObject
  /** So far it is what JSON may be. */
  wellFormed: boolean
  /** It ends, and another one follows. */
  anotherFollows: boolean
}

/** Walks over the keys of a top-level object, to its end or to the end of what is there. */
export function readOpening(head: string, start: number): Opening {
  const opening: Opening = {
    arrayAt: null,
    arrayEnd: head.length,
    keys: Object.create(null),
    wellFormed: true,
    anotherFollows: false,
  }
  let at = skipSpace(head, start + 1)
  while (at < head.length && head[at] === '"') {
    const keyEnd = stringEnd(head, at)
    const colon = skipSpace(head, keyEnd + 1)
    if (colon >= head.length) return opening
    if (head[colon] !== ':') return { ...opening, wellFormed: false }
    const key = keyText(head.slice(at, keyEnd + 1))
    const value = skipSpace(head, colon + 1)
    const end = valueEnd(head, value)
    if (opening.arrayAt === null && isListOfRows(head, value, key)) {
      opening.arrayAt = value
      opening.arrayEnd = end
    }
    opening.keys[key] = head[value] === '[' ? [] : ''
    at = skipSpace(head, end)
    if (head[at] === ',') at = skipSpace(head, at + 1)
    else break
  }
  opening.wellFormed = at >= head.length || head[at] === '"' || head[at] === '}'
  opening.anotherFollows = head[at] === '}' && /[{[]/.test(head[skipSpace(head, at + 1)] ?? '')
  return opening
}

const isListOfRows = (head: string, at: number, key: string): boolean =>
  head[at] === '[' && !rowKeys.has(key) && /^\[\s*[[{]/.test(head.slice(at, at + 4096))

/** Keys under which rows themselves have lists. */
const rowKeys = new Set([
  'messages',
  'conversations',
  'conversation',
  'prompt',
  'completion',
  'chosen',
  'rejected',
  'instances',
  'history',
  'tools',
])

export const skipSpace = (text: string, from: number): number => {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** Where a value ends: behind its last bracket or quote, or before the comma or bracket that follows it. */
export function valueEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]!
    if (character === '"') {
      at = stringEnd(text, at)
      if (depth === 0) return at + 1
    } else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (character === ',' && depth === 0) return at
  }
  return text.length
}

function keyText(text: string): string {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
