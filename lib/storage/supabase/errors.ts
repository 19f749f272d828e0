import {
  type AppError,
  denied,
  invalid,
  isAppError,
  limit,
  misconfigured,
  transient,
} from '#lib/errors/app-error.ts'
import { networkError, objectExists, objectNotFound, rangeBeyondEnd } from '../storage-errors.ts'

type Name = (details: string, cause: unknown) => AppError

const credentials: Name = (details, cause) =>
  denied('storage_credentials_refused', 'Supabase does not accept this key or token', details, cause)
const forbidden: Name = (details, cause) =>
  denied('storage_denied', 'The policies of the bucket do not allow this', details, cause)
const tooLarge: Name = (details, cause) =>
  limit('object_too_large', 'The object is larger than the bucket takes', details, cause)
const noBucket: Name = (details, cause) =>
  misconfigured('bucket_not_found', 'There is no such bucket in this project', details, cause)
const busy: Name = (details, cause) =>
  transient('storage_busy', 'Supabase Storage is busy or failing; try again later', details, cause)
const full: Name = (details, cause) =>
  limit('storage_full', 'The project has no storage left', details, cause)

/** The service's own codes. The HTTP status around them is 400 for almost all. */
const byCode: Record<string, Name> = {
  NoSuchKey: objectNotFound,
  not_found: objectNotFound,
  NoSuchBucket: noBucket,
  BucketNotFound: noBucket,
  InvalidBucketName: noBucket,
  NoSuchUpload: sessionLost,
  AccessDenied: forbidden,
  InvalidJWT: credentials,
  SignatureDoesNotMatch: credentials,
  InvalidSignature: credentials,
  Unauthorized: credentials,
  ResourceAlreadyExists: objectExists,
  KeyAlreadyExists: objectExists,
  Duplicate: objectExists,
  EntityTooLarge: tooLarge,
  InvalidRange: rangeBeyondEnd,
  InvalidKey: (details, cause) =>
    invalid('invalid_storage_key', 'Supabase does not take this key', details, cause),
  InvalidMimeType: (details, cause) =>
    misconfigured('content_type_refused', 'The bucket does not take this kind of file', details, cause),
  SlowDown: busy,
  InternalError: busy,
  DatabaseTimeout: busy,
  DatabaseError: busy,
  ResourceLocked: busy,
  LockTimeout: busy,
  S3Error: busy,
}

const byStatus: Record<number, Name> = {
  401: credentials,
  403: forbidden,
  404: objectNotFound,
  409: objectExists,
  410: sessionLost,
  413: tooLarge,
  416: rangeBeyondEnd,
  423: busy,
  429: busy,
  507: full,
}

export interface SupabaseAnswer {
  /** The status that counts: the body's where it has one, HTTP's otherwise. */
  status: number
  code?: string
  message?: string
}

export function supabaseAnswerError(answer: SupabaseAnswer, cause: unknown): AppError {
  const { status, code, message } = answer
  const details = [`HTTP ${status}`, code, message].filter(Boolean).join(' ').slice(0, 300)
  // A bucket that is missing shares its status with an object that is.
  if (status === 404 && /bucket not found/i.test(message ?? '')) return noBucket(details, cause)
  const name = byCode[code ?? ''] ?? byStatus[status]
  if (name) return name(details, cause)
  if (status >= 500) return busy(details, cause)
  if (/jwt|jws|token/i.test(message ?? '')) return credentials(details, cause)
  return misconfigured('storage_refused', 'Supabase Storage refused the request', details, cause)
}

/** Names what storage-js threw or answered; the network's errors included, others pass as they are. */
export function supabaseError(error: unknown): unknown {
  if (isAppError(error)) return error
  const failure = error as {
    status?: number
    statusCode?: string
    code?: string
    message?: string
    originalError?: unknown
  }
  if (failure.originalError !== undefined) {
    return supabaseError(failure.originalError)
  }
  const inner = Number(failure.statusCode)
  const status = Number.isInteger(inner) && inner > 0 ? inner : failure.status
  if (!status) return networkError(error) ?? error
  return supabaseAnswerError({ status, code: failure.code, message: failure.message }, error)
}

/** The server forgot an upload that was under way: its bytes so far are lost, and the source cannot be rewound. */
export function sessionLost(details: string, cause: unknown): AppError {
  return transient(
    'upload_session_lost',
    'Supabase lost the upload while it was under way; it has to be started again',
    details,
    cause,
  )
}
