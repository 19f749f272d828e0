import type { JsonValue } from '#lib/training/dataset.types.ts'

/*
 * JSON.parse turns 12345678901234567890 into 12345678901234567000 and 1.0 into 1. A row whose text is not stored as it
 * came is therefore parsed a second time when it has numbers, and each that would be written differently becomes a
 * raw JSON value, which JSON.stringify writes as it was. Where the runtime lacks raw JSON (some browsers; they only
 * look, they store nothing), numbers are what JSON.parse makes of them.
 */
export function parseExact(text: string): JsonValue {
  return typeof JSON.rawJSON === 'function' ? JSON.parse(text, keepSource) : JSON.parse(text)
}

function keepSource(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return context.source === String(value) ? value : JSON.rawJSON(context.source)
}
