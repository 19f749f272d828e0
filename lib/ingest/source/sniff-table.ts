import { csvRecords } from '../blocks/csv-records.ts'
import type { TableLayout } from '../blocks/layout.ts'

/** Columns by which a header is known for one, even when its rows are ragged. */
const knownColumns = new Set(
  `messages conversations instruction input output response prompt completion question answer system_prompt
  chosen rejected label kto_tag reward text context`.split(/\s+/),
)

const delimiters = ['\t', ',', ';'] as const
const sampleRecords = 50

/**
 * A table: a header of names, then records of as many cells. Prose has commas too, so an unknown header needs at
 * least two records that nearly all agree with it.
 */
export function sniffTable(head: string, complete: boolean): Table | null {
  for (const delimiter of delimiters) {
    const found = tableColumns(head, delimiter, complete)
    if (found === null) continue
    const container = delimiter === '\t' ? 'tsv' : 'csv'
    const columns = named(found)
    const unnamed = columns.filter((column, at) => column !== found[at])
    return { layout: { container, start: headerBytes(head, delimiter), delimiter, columns }, unnamed }
  }
  return null
}

export interface Table {
  layout: TableLayout
  /** What columns without a name are called. */
  unnamed: string[]
}

function tableColumns(head: string, delimiter: string, complete: boolean): string[] | null {
  const sample = sampleOf(head, delimiter, complete)
  const [header, ...records] = sample
  if (header === undefined || header.length === 0) return null
  const columns = header.map((cell) => cell.trim())
  const known = columns.filter((column) => knownColumns.has(column)).length
  if (known >= 2 && agree(records, columns.length)) return columns
  if (!columns.every((column, at) => isName(column) && column.length >= header[at]!.length - 1)) return null
  if (columns.length === 1) return known === 1 && delimiter === ',' && records.length > 0 ? columns : null
  if (known >= 2 || (known === 1 && records.some((record) => record.length > 1))) return columns
  const unspaced = header.every((cell) => !cell.startsWith(' '))
  return unspaced && records.length >= 2 && agree(records, columns.length) ? columns : null
}

/** Whether nearly all have so many cells. */
const agree = (records: string[][], cells: number): boolean =>
  records.filter((record) => record.length === cells).length >= records.length * 0.9

/** A column without a name, such as the index that pandas writes, is called by its place. */
const named = (columns: string[]): string[] =>
  columns.map((column, at) => (column === '' ? freeName(columns, at + 1) : column))

function freeName(columns: string[], place: number): string {
  let name = `column_${place}`
  while (columns.includes(name)) name += '_'
  return name
}

const isName = (cell: string): boolean => /^[\p{L}_#][\p{L}\p{N} _.:/()?#%&'-]{0,63}$/u.test(cell)

function sampleOf(head: string, delimiter: string, complete: boolean): string[][] {
  const sample: string[][] = []
  for (const { cells } of csvRecords(head.slice(0, 1 << 18), delimiter)) {
    sample.push(cells)
    if (sample.length > sampleRecords) return sample
  }
  // The last record of a part of a file is a part of a record.
  return complete && head.length <= 1 << 18 ? sample : sample.slice(0, -1)
}

function headerBytes(head: string, delimiter: string): number {
  const record = csvRecords(head, delimiter).next().value
  let end = 0
  for (let line = 0; line < (record ? record.line - 1 + record.lines : 0); line++) {
    const newline = head.indexOf('\n', end)
    end = newline === -1 ? head.length : newline + 1
  }
  return new TextEncoder().encode(head.slice(0, end)).length
}
