import type { JsonValue } from '#lib/training/dataset.types.ts'
import { newTally } from '../report/row-tally.ts'
import { isObject } from './json-object.ts'
import type { JsonObject, RowFormat } from './row-format.ts'

/** Any other object: stored as it is. */
export const anyObject: RowFormat = {
  id: 'jsonl',
  shape: 'rows',
  looksLike: '{...}',

  matches: isObject,

  read(value) {
    const row = value as JsonObject
    const tally = newTally()
    tally.characters = stringCharacters(row)
    tally.input = tally.characters
    return [{ row, unchanged: true, tally }]
  },
}

/** Characters of all strings in a value, keys left out. */
function stringCharacters(value: JsonValue): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let characters = 0
  for (const child of Array.isArray(value) ? value : Object.values(value))
    characters += stringCharacters(child)
  return characters
}
