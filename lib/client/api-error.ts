export interface ApiErrorParts {
  /** HTTP status; 0 when no answer came. */
  status: number
  /** Stable and machine-readable. Ours when no answer came: `unreachable`, `aborted`, `unexpected_answer`. */
  code: string
  message: string
  details?: unknown
  requestId?: string | undefined
  retryAfterSeconds?: number | undefined
  /** The whole answer, for its further named parts. */
  body?: Readonly<Record<string, unknown>>
  cause?: unknown
}

/** What every failed call throws. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly details: unknown
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly body: Readonly<Record<string, unknown>>

  constructor(parts: ApiErrorParts) {
    super(parts.message, { cause: parts.cause })
    this.status = parts.status
    this.code = parts.code
    this.details = parts.details
    this.requestId = parts.requestId
    this.retryAfterSeconds = parts.retryAfterSeconds
    this.body = parts.body ?? {}
  }

  /** The same call may work in a moment. */
  get retryable(): boolean {
    return this.code === 'unreachable' || this.status === 429 || this.status >= 500
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError
}

/** What was asked for is not there, or is somebody else's. */
export function isMissing(error: unknown): boolean {
  return isApiError(error) && error.status === 404
}

export function unreachable(cause: unknown): ApiError {
  return new ApiError({
    status: 0,
    code: 'unreachable',
    message: 'FineTune Lab could not be reached',
    details: 'Check the connection and that the server runs.',
    cause,
  })
}

export function aborted(cause?: unknown): ApiError {
  return new ApiError({ status: 0, code: 'aborted', message: 'Cancelled', cause })
}
