import type { JsonLayout, Layout } from '../blocks/layout.ts'
import { recognise } from '../formats/formats.ts'
import { isObject } from '../formats/json-object.ts'
import { type Opening, readOpening, skipSpace, valueEnd } from './json-opening.ts'

/** JSON Lines, or one of the ways in which a JSON document holds rows; null when the text is no JSON at all. */
export function sniffJson(head: string, complete: boolean): Layout | null {
  const start = head.search(/\S/)
  if (start === -1) return null
  if (head[start] === '[') return sniffArray(head, start, complete)
  if (head[start] === '{') return sniffObject(head, start)
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

function sniffObject(head: string, start: number): Layout | null {
  if (!/^\{\s*(?:["'}]|[A-Za-z_]\w*\s*:|$)/.test(head.slice(start, start + 4096))) return null
  const line = firstLine(head, start)
  const rest = head.slice(start + line.length)
  const value = parsed(line)
  if (value !== undefined && rest.trim() !== '') return jsonLines
  if (isObject(value) && recognise(value) !== null) return jsonLines
  const opening = readOpening(head, start)
  if (isWrapper(opening, start + line.length, rest)) {
    return { container: 'json', root: 'wrapped', start: byteOffset(head, opening.arrayAt! + 1) }
  }
  const severalLines = value === undefined && rest.trim() !== '' && opening.wellFormed && !startsRow(rest)
  return severalLines ? sequence(head, start) : jsonLines
}

/** A list of rows, and not a list that is a part of the first row. */
function isWrapper(
  { arrayAt, arrayEnd, keys, anotherFollows }: Opening,
  lineEnd: number,
  rest: string,
): boolean {
  if (arrayAt === null || anotherFollows || recognise(keys) !== null) return false
  return arrayEnd > lineEnd || !startsRow(rest)
}

/** The next line looks like another row, so the first is a broken one rather than the top of a printed object. */
const startsRow = (rest: string): boolean => /^\s*[{[]/.test(rest)

/** JSON that holds no rows at all, so that this can be said of it: its values are no text for anybody to train on. */
export function sniffScalars(head: string, complete: boolean): Layout | null {
  const start = skipSpace(head, 0)
  if (head[start] === '[' && Array.isArray(parsed(complete ? head : wholeElements(head, start)))) {
    return { container: 'json', root: 'array', start: byteOffset(head, start + 1) }
  }
  const lines = head.split('\n')
  if (!complete) lines.pop()
  const filled = lines.filter((line) => line.trim() !== '')
  return filled.length > 0 && filled.every((line) => parsed(line) !== undefined) ? jsonLines : null
}

/** The beginning of an array, closed behind the last element that is whole. */
function wholeElements(head: string, start: number): string {
  let end = start + 1
  for (let at = valueEnd(head, skipSpace(head, end)); head[skipSpace(head, at)] === ','; ) {
    end = at
    at = valueEnd(head, skipSpace(head, skipSpace(head, at) + 1))
  }
  return `${head.slice(start, end)}]`
}

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
