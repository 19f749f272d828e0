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
