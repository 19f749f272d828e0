import { isObject, kindOf, own } from './json-object.ts'
import type { JsonObject } from './row-format.ts'
import type { RowReading } from './row-reading.ts'

/**
 * Copies the tool definitions of a row as they are. A string that holds a JSON list stays a string: TRL,
 * LLaMA-Factory and Axolotl decode it, and tables of differing JSON schemas only survive Arrow as strings.
 */
export function keepTools(canonical: JsonObject, row: JsonObject, reading: RowReading): void {
  const tools = own(row, 'tools')
  if (tools === undefined) return
  canonical.tools = tools
  checkTools(row, reading)
}

export function checkTools(row: JsonObject, reading: RowReading): void {
  const tools = own(row, 'tools')
  if (tools === undefined || tools === '') return
  if (typeof tools === 'string') {
    if (!holdsJsonList(tools))
      reading.report('tools.json', '/tools', 'The string is not a JSON list of tools')
  } else if (!Array.isArray(tools) || !tools.every(isObject)) {
    const kind = Array.isArray(tools) ? 'a list of other things' : kindOf(tools)
    reading.report('tools.json', '/tools', `tools is ${kind}`)
  }
}

function holdsJsonList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}
