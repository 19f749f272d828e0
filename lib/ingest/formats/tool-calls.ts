import type { JsonValue } from '#lib/training/dataset.types.ts'
import { parseExact } from '../rows/exact-numbers.ts'
import { isObject } from './json-object.ts'

/**
 * What ShareGPT writes as a turn of its own, `{"name": ..., "arguments": ...}` (or a list of those), as the
 * `tool_calls` of an assistant message. Arguments stay what they were, an object or a string. Null when it is
 * something else.
 */
export function toolCallsOf(content: JsonValue): JsonValue[] | null {
  const value = typeof content === 'string' ? jsonOrNull(content) : content
  const calls = Array.isArray(value) ? value : [value]
  if (calls.length === 0) return null
  const toolCalls: JsonValue[] = []
  for (const call of calls) {
    if (!isObject(call) || typeof call.name !== 'string') return null
    toolCalls.push({ type: 'function', function: { ...call, arguments: call.arguments ?? {} } })
  }
  return toolCalls
}

function jsonOrNull(text: string): JsonValue {
  try {
    return parseExact(text)
  } catch {
    return null
  }
}
