import { styleText } from 'node:util'
import type { Failure } from './failure.ts'

type Style = Parameters<typeof styleText>[0]

export interface OutputOptions {
  json: boolean
  hasColour: boolean
}

/** Results go to stdout, as words or as JSON; everything else (progress, notes, errors) to stderr. */
export class Output {
  readonly json: boolean
  readonly #hasColour: boolean

  constructor({ json, hasColour }: OutputOptions) {
    this.json = json
    this.#hasColour = hasColour && process.stderr.isTTY === true
  }

  /** The result of a command: the value for a program, the words for a person. */
  result(value: unknown, words: string): void {
    const text = this.json ? JSON.stringify(value, null, 2) : words
    if (text !== '') process.stdout.write(`${text}\n`)
  }

  /** One of many results that come in time: a line each, JSON or words. */
  line(value: unknown, words: string): void {
    process.stdout.write(`${this.json ? JSON.stringify(value) : words}\n`)
  }

  /** Said to a person who waits; a program does not wait. */
  note(words: string): void {
    if (!this.json) process.stderr.write(`${words}\n`)
  }

  failure({ message, code, details, suggestion, requestId }: Failure): void {
    if (this.json) {
      const body = { error: message, code, details, suggestion, request_id: requestId }
      process.stderr.write(`${JSON.stringify(body)}\n`)
      return
    }
    if (code === 'aborted') {
      process.stderr.write('Stopped.\n')
      return
    }
    process.stderr.write(`${this.#styled('red', 'Error:')} ${message}\n`)
    for (const line of detailLines(details)) process.stderr.write(`  ${line}\n`)
    if (suggestion) process.stderr.write(`${this.#styled('bold', suggestion)}\n`)
    if (requestId && code === 'internal') process.stderr.write(`Request ${requestId}\n`)
  }

  #styled(style: Style, text: string): string {
    return this.#hasColour ? styleText(style, text) : text
  }
}

const detailLinesMax = 20

interface DetailItem {
  line?: number | null
  index?: number | null
  pointer?: string
  rule?: string
  field?: string
  message?: string
  expected?: string
}

function detailLines(details: unknown): string[] {
  if (typeof details === 'string') return details.split('\n')
  if (!Array.isArray(details)) return []
  const lines = details
    .slice(0, detailLinesMax)
    .map((item) => `${item?.severity === 'warning' ? 'warning: ' : ''}${detailLine(item)}`)
  const more = details.length - detailLinesMax
  return more > 0 ? [...lines, `and ${more} more`] : lines
}

/** One problem of a file, or one field of a request. */
export function detailLine(item: DetailItem | string): string {
  if (typeof item === 'string') return item
  const place =
    item.line != null ? `line ${item.line}` : item.index != null ? `index ${item.index}` : item.field
  const where = [place, item.pointer].filter(Boolean).join(' ')
  const expected = item.expected ? ` (${item.expected})` : ''
  return `${where ? `${where}: ` : ''}${item.message ?? JSON.stringify(item)}${expected}${item.rule ? ` [${item.rule}]` : ''}`
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(rows: string[][], { right = [] }: { right?: number[] } = {}): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => width(row[column]!)))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const space = ' '.repeat(widths[column]! - width(cell))
          return right.includes(column) ? space + cell : cell + space
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Cells that a terminal gives to a text: two for each wide East Asian character. */
function width(text: string): number {
  let cells = 0
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue
    cells +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return cells
}

/** What others wrote may hold control characters, which a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
