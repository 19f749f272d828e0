import { kindOf, own, pointerTo } from './json-object.ts'
import type { JsonObject } from './row-format.ts'
import type { RowReading } from './row-reading.ts'

/** A string that a format needs; empty, and reported, when it is something else. */
export function stringField(row: JsonObject, key: string, reading: RowReading): string {
  const value = own(row, key)
  if (typeof value === 'string') return value
  reading.report('field.string', pointerTo(key), `${key} is ${kindOf(value)}`)
  return ''
}

/** A string that may be absent, null or empty: all three are the empty string. */
export function optionalString(row: JsonObject, key: string, reading: RowReading): string {
  return own(row, key) === undefined ? '' : stringField(row, key, reading)
}

/** The first of several names of one thing that the row uses. */
export const keyIn = (row: JsonObject, ...names: string[]): string =>
  names.find((name) => own(row, name) !== undefined) ?? names[0]!
