import {
  type AppError,
  aborted,
  conflict,
  invalid,
  isAppError,
  notFound,
  transient,
} from '#lib/errors/app-error.ts'

/** Codes that Node gives connections that failed on the way; none says anything about the request itself. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/** How many causes deep the SDKs wrap a socket's error. */
const causesMax = 5

/*
 * What every store can say, in the same words whichever it is. `details` are the store's own.
 */
export const objectNotFound = (details?: string, cause?: unknown): AppError =>
  notFound('object_not_found', 'There is no such object in the store', details, cause)
export const objectExists = (details?: string, cause?: unknown): AppError =>
  conflict('object_exists', 'The store holds another object of this key', details, cause)
export const rangeBeyondEnd = (details?: string, cause?: unknown): AppError =>
  invalid('range_not_satisfiable', 'The range begins beyond the end', details, cause)

export function storageAborted(signal?: AbortSignal): AppError {
  return aborted('storage_aborted', 'The call to the store was given up', undefined, signal?.reason)
}

/** The AppError for a connection that failed on the way, or null for anything else. */
export function networkError(error: unknown): AppError | null {
  const code = networkCodeOf(error)
  if (code === null) return null
  return transient('storage_unreachable', 'The connection to the store failed', code, error)
}

function networkCodeOf(error: unknown): string | null {
  let link = error
  for (let depth = 0; depth < causesMax && link instanceof Error; depth++) {
    const { code, errors } = link as { code?: unknown; errors?: unknown }
    if (typeof code === 'string' && networkCodes.has(code)) return code
    if (link.name === 'TimeoutError') return 'ETIMEDOUT'
    link = Array.isArray(errors) ? errors[0] : link.cause
  }
  return null
}

/** What leaves the facade: adapters' own words first, then the caller's abort, then the network, then a last resort. */
export function namedStorageError(error: unknown, signal?: AbortSignal): AppError {
  if (signal?.aborted) return isAppError(error) && error.kind === 'aborted' ? error : storageAborted(signal)
  if (isAppError(error)) return error
  return (
    networkError(error) ??
    transient('storage_failed', 'The store failed in a way that has no name here', undefined, error)
  )
}
