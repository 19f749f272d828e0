import type { JsonValue } from '#lib/training/dataset.types.ts'
import { define, has } from '../formats/json-object.ts'
import type { JsonObject } from '../formats/row-format.ts'
import { parseExact } from '../rows/exact-numbers.ts'

/** Columns that hold lists in every format that has them; a table can only carry them as JSON text. */
const lists = new Set(['messages', 'conversations', 'conversation', 'instances', 'history'])
/** Columns that hold a string or turns. A string that merely is JSON (an answer in JSON, say) stays a string. */
const sides = new Set(['prompt', 'completion', 'response', 'chosen', 'rejected'])
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
  if (lists.has(column) && /^\s*\[/.test(cell)) return parsedOr(cell)
  if (sides.has(column) && /^\s*[[{]/.test(cell)) return turnsOr(cell)
  if (verdicts.has(column)) return truths.get(cell.trim().toLowerCase()) ?? cell
  if (column === 'reward' && /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(cell))
    return parsedOr(cell.trim())
  return cell
}

function turnsOr(cell: string): JsonValue {
  const value = parsedOr(cell)
  const turns = Array.isArray(value) ? value : [value]
  return turns.length > 0 && turns.every(isTurn) ? value : cell
}

const isTurn = (value: JsonValue): boolean => has(value, 'role', 'content') || has(value, 'from', 'value')

function parsedOr(cell: string): JsonValue {
  try {
    return parseExact(cell)
  } catch {
    return cell
  }
}
