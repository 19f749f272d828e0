import { define } from './json-object.ts'
import type { JsonObject } from './row-format.ts'
import type { RowReading } from './row-reading.ts'

/**
 * Adds to a canonical row the keys of the original that the format did not use, under their own names. A key that
 * the canonical row has already cannot be kept; it is counted, unless it holds nothing.
 */
export function keepExtras(
  canonical: JsonObject,
  original: JsonObject,
  used: readonly string[],
  reading: RowReading,
): JsonObject {
  for (const key of Object.keys(original)) {
    if (used.includes(key)) continue
    if (Object.hasOwn(canonical, key)) {
      if (original[key] !== null) reading.collisions.push(key)
    } else define(canonical, key, original[key]!)
  }
  return canonical
}
