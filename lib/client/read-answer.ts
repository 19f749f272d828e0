import type { z } from 'zod'
import { ApiError } from './api-error.ts'

/** What came back, however it travelled. */
export interface RawAnswer {
  status: number
  text: string
  header: (name: string) => string | null
}

/** The parsed answer, or an ApiError: for a refusal what the server said, for a misfit `unexpected_answer`. */
export function readAnswer<Schema extends z.ZodType>(
  raw: RawAnswer,
  schema: Schema,
  parse?: (text: string) => unknown,
): z.output<Schema> {
  const body = parseJson(raw.text, parse)
  if (raw.status < 200 || raw.status > 299) throw refusal(raw, body)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiError({
    status: raw.status,
    code: 'unexpected_answer',
    message: 'The server answered something unexpected',
    details: 'The page may be older than the server. Reload it.',
    requestId: raw.header('x-request-id') ?? undefined,
    cause: parsed.error,
  })
}

export function refusal(raw: RawAnswer, body: unknown = parseJson(raw.text)): ApiError {
  const parts = isRecord(body) ? body : {}
  const retryAfter = Number(raw.header('retry-after') ?? Number.NaN)
  return new ApiError({
    status: raw.status,
    code: textOf(parts.code) ?? `http_${raw.status}`,
    message: textOf(parts.error) ?? textOf(parts.message) ?? `The server answered ${raw.status}`,
    details: parts.details,
    requestId: textOf(parts.request_id) ?? raw.header('x-request-id') ?? undefined,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    body: parts,
  })
}

function parseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  if (text === '') return undefined
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
