import type { JsonValue } from '#lib/training/dataset.types.ts'

/** More than fits into a preview of a few lines. */
export const denseCharacters = 600

type JsonObject = { [key: string]: JsonValue }

export interface Turn {
  role: string
  content: JsonValue
  toolCalls: JsonValue | null
}

/** One titled part of a canonical row: some turns, or a plain value. */
export type RowPart =
  | { kind: 'turns'; title: string | null; tone?: 'chosen' | 'rejected'; turns: Turn[] }
  | { kind: 'text'; title: string | null; text: string }
  | { kind: 'fact'; title: string; value: string }
  | { kind: 'json'; title: string | null; value: JsonValue }

const turnKeys = ['messages', 'prompt', 'completion', 'chosen', 'rejected', 'response'] as const
const titles: Record<string, string | null> = {
  messages: null,
  prompt: 'Prompt',
  completion: 'Completion',
  chosen: 'Chosen',
  rejected: 'Rejected',
  response: 'Response',
}

/** Reads a canonical row by its shape alone; whatever is not recognised is shown as it is, never hidden. */
export function partsOf(row: JsonValue): RowPart[] {
  if (!isObject(row)) return [{ kind: 'json', title: null, value: row }]
  const parts: RowPart[] = []
  const seen = new Set<string>()
  for (const key of turnKeys) {
    const turns = turnsOf(row[key])
    if (!turns || turns.length === 0) continue
    seen.add(key)
    const tone = key === 'chosen' || key === 'rejected' ? { tone: key } : {}
    parts.push({ kind: 'turns', title: titles[key] ?? null, turns, ...tone } as RowPart)
  }
  if (parts.length === 0 && typeof row.text === 'string') {
    seen.add('text')
    parts.push({ kind: 'text', title: null, text: row.text })
  }
  if (parts.length === 0) return [{ kind: 'json', title: null, value: row }]
  for (const [key, value] of Object.entries(row)) {
    if (seen.has(key) || value === null) continue
    if (typeof value === 'object') parts.push({ kind: 'json', title: key, value })
    else parts.push({ kind: 'fact', title: key, value: String(value) })
  }
  return parts
}

function turnsOf(value: JsonValue | undefined): Turn[] | null {
  if (!Array.isArray(value)) return null
  const turns: Turn[] = []
  for (const entry of value) {
    if (!isObject(entry) || typeof entry.role !== 'string') return null
    turns.push({ role: entry.role, content: entry.content ?? null, toolCalls: entry.tool_calls ?? null })
  }
  return turns
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One line that tells rows apart: the first thing said in them. */
export function lineOf(row: JsonValue): string {
  for (const part of partsOf(row)) {
    if (part.kind === 'turns') {
      const turn = part.turns.find(({ role }) => role !== 'system') ?? part.turns[0]
      if (turn) return textOf(turn.content)
    }
    if (part.kind === 'text') return part.text
  }
  return JSON.stringify(row)
}

export function textOf(content: JsonValue): string {
  if (typeof content === 'string') return content
  if (content === null) return ''
  if (!Array.isArray(content)) return JSON.stringify(content)
  return content
    .map((piece) => (isObject(piece) ? (piece.text ?? piece.value ?? `[${String(piece.type)}]`) : piece))
    .map(String)
    .join(' ')
}
