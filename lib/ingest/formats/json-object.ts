import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { JsonObject } from './row-format.ts'

/*
 * Rows are hostile: their keys may be `__proto__` or `constructor`. Look keys up only as own properties, and add
 * them only by definition, never by assignment.
 */

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

/** The value of an own key; a key that holds null is as good as absent, since tables fill their gaps with null. */
export function own(row: JsonObject, key: string): JsonValue | undefined {
  if (!Object.hasOwn(row, key)) return undefined
  return row[key] ?? undefined
}

export const has = (row: JsonValue, ...keys: string[]): row is JsonObject =>
  isObject(row) && keys.every((key) => own(row, key) !== undefined)

export const hasAny = (row: JsonValue, ...keys: string[]): row is JsonObject =>
  isObject(row) && keys.some((key) => own(row, key) !== undefined)

export function define(row: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(row, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    row[key] = value
  }
}

export const isNumber = (value: unknown): boolean => typeof value === 'number' || isRawNumber(value)

/** A number that JavaScript cannot hold as it was written; see `exact-numbers.ts`. */
const isRawNumber = (value: unknown): boolean => JSON.isRawJSON?.(value) ?? false

/** Keys and ids in a JSON pointer (RFC 6901). */
export const pointerTo = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What a value is, in the words of a message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isNumber(value)) return 'a number'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`
}

/** A piece of the owner's data in a message: short, on one line, in quotes. */
export function quoted(text: string, charactersMax = 40): string {
  const short = text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text
  return JSON.stringify(short)
}
