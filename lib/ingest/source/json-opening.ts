import type { JsonObject } from '../formats/row-format.ts'
import { stringEnd } from '../rows/json-depth.ts'

/** What the beginning of a top-level object shows. */
export interface Opening {
  /** Where an array of objects or lists begins, under a key that no row format has. */
  arrayAt: number | null
  /** The keys so far, as a row, to ask which format has them. */
  keys: JsonObject
  /** So far it is what JSON may be. */
  wellFormed: boolean
}

/** Walks over the keys of a top-level object up to the first array of objects, or to the end of what is there. */
export function readOpening(head: string, start: number): Opening {
  const keys: JsonObject = Object.create(null)
  let at = skipSpace(head, start + 1)
  while (at < head.length && head[at] === '"') {
    const keyEnd = stringEnd(head, at)
    const colon = skipSpace(head, keyEnd + 1)
    if (colon >= head.length) break
    if (head[colon] !== ':') return { arrayAt: null, keys, wellFormed: false }
    const key = keyText(head.slice(at, keyEnd + 1))
    const value = skipSpace(head, colon + 1)
    if (head[value] === '[' && !rowKeys.has(key) && /^\[\s*[[{]/.test(head.slice(value, value + 4096))) {
      return { arrayAt: value, keys, wellFormed: true }
    }
    keys[key] = head[value] === '[' ? [] : ''
    at = skipSpace(head, valueEnd(head, value))
    if (head[at] === ',') at = skipSpace(head, at + 1)
    else break
  }
  return { arrayAt: null, keys, wellFormed: at >= head.length || head[at] === '"' || head[at] === '}' }
}

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

const skipSpace = (text: string, from: number): number => {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}

/** Where a value ends: behind its last bracket or quote, or before the comma or bracket that follows it. */
function valueEnd(text: string, start: number): number {
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
