import type { JsonValue } from '#lib/training/dataset.types.ts'

export interface Inspection {
  /** Keys of all objects in the row. */
  keys: number
  hasNumbers: boolean
  tooDeep: boolean
}

/** One walk over a row for what no format asks: its depth, its number of keys, and whether it has numbers. */
export function inspectValue(value: JsonValue, depthMax: number): Inspection {
  const inspection = { keys: 0, hasNumbers: false, tooDeep: false }
  walk(value, depthMax, inspection)
  return inspection
}

function walk(value: JsonValue, depthLeft: number, inspection: Inspection): void {
  if (typeof value === 'number') inspection.hasNumbers = true
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) {
    inspection.tooDeep = true
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) walk(value[index]!, depthLeft - 1, inspection)
  } else {
    for (const key in value) {
      inspection.keys++
      const child = value[key]!
      if (typeof child !== 'string') walk(child, depthLeft - 1, inspection)
    }
  }
}
