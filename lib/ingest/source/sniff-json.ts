import type { JsonLayout, Layout } from '../blocks/layout.ts'
import { recognise } from '../formats/formats.ts'
import { isObject } from '../formats/json-object.ts'
import { readOpening } from './json-opening.ts'

/** JSON Lines, or one of the ways in which a JSON document holds rows; null when the text is no JSON at all. */
export function sniffJson(head: string, complete: boolean): Layout | null {
  const start = head.search(/\S/)
  if (start === -1) return null
  if (head[start] === '[') return sniffArray(head, start, complete)
  if (head[start] === '{') return sniffObject(head, start, complete)
  return mostLinesAreObjects(head) ? { container: 'jsonl', start: 0 } : null
}

const jsonLines: Layout = { container: 'jsonl', start: 0 }

/** An array of rows; or lines that are each a bare list of messages; or text that begins with a bracket. */
function sniffArray(head: string, start: number, complete: boolean): Layout | null {
  if (!/^\[\s*(?:[[{\]]|$)/.test(head.slice(start, start + 4096))) return null
  const line = firstLine(head, start)
  const value = parsed(line)
  if (Array.isArray(value)) {
    const another = head.slice(start + line.length).trim() !== ''
    const conversation = recognise(value) === 'chatml'
    if (another || (complete && conversation)) return jsonLines
  }
  return { container: 'json', root: 'array', start: byteOffset(head, start + 1) }
}

function sniffObject(head: string, start: number, complete: boolean): Layout | null {
  if (!/^\{\s*(?:["'}]|[A-Za-z_]\w*\s*:|$)/.test(head.slice(start, start + 4096))) return null
  const line = firstLine(head, start)
  const rest = head.slice(start + line.length)
  const value = parsed(line)
  if (value !== undefined && (rest.trim() !== '' || !complete)) return jsonLines
  const known = isObject(value) && recognise(value) !== null
  if (known) return jsonLines
  const opening = readOpening(head, start)
  const wrapped = opening.arrayAt !== null && !known && recognise(opening.keys) === null
  if (wrapped) return { container: 'json', root: 'wrapped', start: byteOffset(head, opening.arrayAt! + 1) }
  const severalLines = value === undefined && rest.trim() !== '' && opening.wellFormed && !startsRow(rest)
  return severalLines ? sequence(head, start) : jsonLines
}

/** The next line looks like another row, so the first is a broken one rather than the top of a printed object. */
const startsRow = (rest: string): boolean => /^\s*[{[]/.test(rest)

const sequence = (head: string, start: number): JsonLayout => ({
  container: 'json',
  root: 'sequence',
  start: byteOffset(head, start),
})

function mostLinesAreObjects(head: string): boolean {
  const lines = head.split('\n', 40).filter((line) => line.trim() !== '')
  return lines.length > 2 && lines.filter((line) => /^\s*\{\s*"/.test(line)).length > lines.length / 2
}

function firstLine(head: string, start: number): string {
  const end = head.indexOf('\n', start)
  return head.slice(start, end === -1 ? head.length : end)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const byteOffset = (head: string, characters: number): number =>
  new TextEncoder().encode(head.slice(0, characters)).length
