import type { JsonValue } from '#lib/training/dataset.types.ts'
import { define } from '../formats/json-object.ts'
import type { JsonObject } from '../formats/row-format.ts'
import { parseExact } from '../rows/exact-numbers.ts'

/** Columns that hold lists or objects in every format that has them; a table can only carry them as JSON text. */
const structured = new Set([
  'messages',
  'conversations',
  'conversation',
  'chosen',
  'rejected',
  'prompt',
  'completion',
  'instances',
  'history',
])
const verdicts = new Set(['label', 'kto_tag'])
const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** A record of a table as a row. Cells are strings, but for the few columns whose format wants something else. */
export function csvRow(columns: readonly string[], cells: readonly string[]): JsonObject {
  const row: JsonObject = {}
  columns.forEach((column, index) => {
    define(row, column, cellValue(column, cells[index] ?? ''))
  })
  return row
}

function cellValue(column: string, cell: string): JsonValue {
  if (structured.has(column) && /^\s*[[{]/.test(cell)) return parsedOr(cell)
  if (verdicts.has(column)) return truths.get(cell.trim().toLowerCase()) ?? cell
  if (column === 'reward' && /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(cell))
    return parsedOr(cell.trim())
  return cell
}

function parsedOr(cell: string): JsonValue {
  try {
    return parseExact(cell)
  } catch {
    return cell
  }
}
