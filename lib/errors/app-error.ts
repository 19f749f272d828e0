/**
 * The errors that cross a boundary. They know no transport: `error-codes.ts` maps a kind to an HTTP
 * status and to an exit status. A `code` is stable and machine-readable; `message` is one short
 * sentence; `details` says what to do next, or lists what is wrong.
 */
export type ErrorKind =
  | 'invalid' // the request is wrong and repeating it will not help
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'limit' // too large, too many, out of quota, disk full
  | 'corrupt' // stored or sent bytes are not what they claim to be
  | 'transient' // may work when repeated
  | 'misconfigured' // an operator or owner has to change a setting
  | 'aborted' // the caller went away

export type ErrorDetails = string | readonly unknown[] | undefined

export interface AppErrorOptions {
  code: string
  message: string
  details?: ErrorDetails
  cause?: unknown
  /** Seconds after which a repetition may succeed. */
  retryAfterSeconds?: number
  /** Further named parts of the answer, such as the `report` of a refused file. */
  data?: Readonly<Record<string, unknown>>
}

/** Thrown by domain code and adapters; anything else that is thrown is a defect and shows a fixed text. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly kind: ErrorKind
  readonly code: string
  readonly details: ErrorDetails
  readonly retryAfterSeconds: number | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(kind: ErrorKind, options: AppErrorOptions) {
    super(options.message, { cause: options.cause })
    this.kind = kind
    this.code = options.code
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds
    this.data = options.data
  }

  get retryable(): boolean {
    return this.kind === 'transient'
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError
}

const raise =
  (kind: ErrorKind) =>
  (code: string, message: string, details?: ErrorDetails, cause?: unknown): AppError =>
    new AppError(kind, { code, message, details, cause })

export const invalid = raise('invalid')
export const unauthenticated = raise('unauthenticated')
export const denied = raise('denied')
export const notFound = raise('not_found')
export const conflict = raise('conflict')
export const limit = raise('limit')
export const corrupt = raise('corrupt')
export const transient = raise('transient')
export const misconfigured = raise('misconfigured')
export const aborted = raise('aborted')
