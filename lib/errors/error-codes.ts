import type { z } from 'zod'
import { AppError, type ErrorKind } from './app-error.ts'
import type { errorBodySchema } from './error-body.types.ts'

/** HTTP status of a kind; single codes that HTTP has a better word for follow below. */
const statusByKind = {
  invalid: 400,
  unauthenticated: 401,
  denied: 403,
  not_found: 404,
  conflict: 409,
  limit: 413,
  corrupt: 422,
  transient: 503,
  misconfigured: 400,
  aborted: 499,
} as const satisfies Record<ErrorKind, number>

const statusByCode: Record<string, number> = {
  method_not_allowed: 405,
  rate_limited: 429,
  disk_full: 507,
  invalid_dataset: 422,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  tus_version: 412,
  upload_gone: 410,
}

/** Process exit status of a kind, for the command line; 1 is kept for unknown errors. */
export const exitStatusByKind = {
  invalid: 2,
  unauthenticated: 3,
  denied: 4,
  not_found: 5,
  conflict: 6,
  limit: 7,
  corrupt: 8,
  transient: 9,
  misconfigured: 10,
  aborted: 130,
} as const satisfies Record<ErrorKind, number>

/**
 * The kind behind an answer, for those who only see the answer; null for a defect of the server. 400 is both `invalid`
 * and `misconfigured`: what lacks a setting says so in its code.
 */
export function kindOfAnswer(status: number, code: string): ErrorKind | null {
  if (status === 400)
    return /_not_configured$|_unavailable$|^bucket_|^invalid_bucket$/.test(code) ? 'misconfigured' : 'invalid'
  if (code === 'invalid_dataset' || [412, 415, 416].includes(status)) return 'invalid'
  if (status === 410) return 'not_found'
  if (status === 429 || status === 507) return 'limit'
  if (status === 502 || status === 504) return 'transient'
  const kinds = Object.entries(statusByKind) as [ErrorKind, number][]
  return kinds.find(([, known]) => known === status)?.[0] ?? (status < 500 ? 'invalid' : null)
}

export function httpStatusOf(error: AppError): number {
  return statusByCode[error.code] ?? statusByKind[error.kind]
}

export type ErrorBody = z.infer<typeof errorBodySchema> & Record<string, unknown>

/** The body that every failed request answers with; errors that nobody foresaw show nothing of themselves. */
export function errorBodyOf(error: unknown, requestId: string): { status: number; body: ErrorBody } {
  if (error instanceof AppError) {
    const body: ErrorBody = { ...error.data, error: error.message, code: error.code, request_id: requestId }
    if (error.details !== undefined) body.details = error.details as ErrorBody['details']
    return { status: httpStatusOf(error), body }
  }
  return {
    status: 500,
    body: {
      error: 'Something went wrong on the server',
      code: 'internal',
      details: `Look for request ${requestId} in the server's log.`,
      request_id: requestId,
    },
  }
}
