/** One record of a CSV or TSV text (RFC 4180). */
export interface CsvRecord {
  cells: string[]
  /** Physical line that it begins on, from 1, and how many it spans. */
  line: number
  lines: number
  /** Where in the text it stands: [start, end), without the line break behind it. */
  start: number
  end: number
  /** Its last quoted cell is never closed, or text follows the closing quote. */
  badQuote: boolean
}

/**
 * Reads records by the rules that spreadsheets write by: a cell is quoted when a quote is its first character, a
 * quote inside is doubled, and quoted cells may hold delimiters and line breaks. Blank lines are no records.
 */
export function* csvRecords(text: string, delimiter: string): Generator<CsvRecord> {
  let at = 0
  let line = 1
  while (at < text.length) {
    const cells: string[] = []
    const firstLine = line
    const start = at
    let badQuote = false
    for (;;) {
      if (text[at] === '"') {
        const end = closingQuote(text, at)
        const cell = text.slice(at + 1, end)
        cells.push(cell.includes('""') ? cell.replaceAll('""', '"') : cell)
        line += countNewlines(cell)
        at = Math.min(end + 1, text.length)
        const rest = cellEnd(text, at, delimiter)
        if (end === text.length || text.slice(at, rest).trim() !== '') badQuote = true
        at = rest
      } else {
        const end = cellEnd(text, at, delimiter)
        cells.push(withoutReturn(text, at, end))
        at = end
      }
      if (text[at] !== delimiter) break
      at++
    }
    const end = at
    at++
    line++
    const blank = cells.length === 1 && cells[0] === ''
    if (!blank || badQuote) yield { cells, line: firstLine, lines: line - firstLine, start, end, badQuote }
  }
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1)
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at === -1 ? text.length : at
}

function cellEnd(text: string, from: number, delimiter: string): number {
  let at = from
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++
  return at
}

const withoutReturn = (text: string, from: number, end: number): string =>
  text.slice(from, text[end - 1] === '\r' && end > from && text[end] !== undefined ? end - 1 : end)

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
