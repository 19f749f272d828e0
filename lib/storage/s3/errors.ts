import {
  type AppError,
  corrupt,
  denied,
  invalid,
  isAppError,
  limit,
  misconfigured,
  transient,
} from '#lib/errors/app-error.ts'
import { refusalIn } from '../endpoint/endpoint-guard.ts'
import { networkError, objectExists, objectNotFound, rangeBeyondEnd } from '../storage-errors.ts'

type Name = (details: string | undefined, cause: unknown) => AppError

const credentials: Name = (details, cause) =>
  denied('storage_credentials_refused', 'The store does not accept these credentials', details, cause)
const forbidden: Name = (details, cause) =>
  denied('storage_denied', 'The store does not allow this with these credentials', details, cause)
const busy: Name = (details, cause) =>
  transient('storage_busy', 'The store is busy or failing; try again later', details, cause)
const full: Name = (details, cause) => limit('storage_full', 'The store is full', details, cause)
const tooLarge: Name = (details, cause) =>
  limit('object_too_large', 'The object is larger than the store takes', details, cause)
const badKey: Name = (details, cause) =>
  invalid('invalid_storage_key', 'The store does not take this key', details, cause)
const region: Name = (details, cause) =>
  misconfigured('wrong_region', 'The bucket is in another region', details, cause)
const damaged: Name = (details, cause) =>
  corrupt('storage_digest_mismatch', 'The bytes changed on their way to the store', details, cause)

/** Error codes of AWS, Ceph, Swift, MinIO and Supabase's S3 protocol, where they differ in words for one cause. */
const byCode: Record<string, Name> = {
  NoSuchKey: objectNotFound,
  NotFound: objectNotFound,
  NoSuchBucket: (details, cause) =>
    misconfigured('bucket_not_found', 'There is no such bucket at this store', details, cause),
  InvalidBucketName: (details, cause) =>
    misconfigured('invalid_bucket', 'The bucket has a name that the store does not take', details, cause),
  InvalidAccessKeyId: credentials,
  SignatureDoesNotMatch: credentials,
  InvalidToken: credentials,
  ExpiredToken: credentials,
  TokenRefreshRequired: credentials,
  AccessDenied: forbidden,
  AllAccessDisabled: forbidden,
  AccountProblem: forbidden,
  RequestTimeTooSkewed: (details, cause) =>
    misconfigured('clock_skew', 'The clock of this machine is wrong', details, cause),
  PermanentRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
  InvalidRange: rangeBeyondEnd,
  PreconditionFailed: objectExists,
  ConditionalRequestConflict: busy,
  OperationAborted: busy,
  SlowDown: busy,
  InternalError: busy,
  ServiceUnavailable: busy,
  RequestTimeout: busy,
  Throttling: busy,
  ThrottlingException: busy,
  TooManyRequests: busy,
  QuotaExceeded: full,
  QuotaExceededException: full,
  ServiceQuotaExceededException: full,
  InsufficientStorage: full,
  XMinioStorageFull: full,
  EntityTooLarge: tooLarge,
  EntityTooSmall: tooLarge,
  BadDigest: damaged,
  InvalidDigest: damaged,
  XAmzContentSHA256Mismatch: damaged,
  XAmzContentChecksumMismatch: damaged,
  KeyTooLongError: badKey,
  InvalidObjectName: badKey,
  InvalidURI: badKey,
  InvalidKey: badKey,
  NotImplemented: (details, cause) =>
    misconfigured('storage_unsupported', 'The store does not know this kind of request', details, cause),
}

/** HEAD answers carry no body and so no code: the status has to do. */
const byStatus: Record<number, Name> = {
  301: region,
  401: credentials,
  403: forbidden,
  404: objectNotFound,
  429: busy,
  507: full,
}

/** Names what the SDK threw. Errors without an answer of the store, other than the network's, pass as they are. */
export function s3Error(error: unknown): unknown {
  if (isAppError(error)) return error
  const refused = refusalIn(error)
  if (refused) return refused
  const failure = error as {
    name?: string
    Code?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
  }
  const status = failure.$metadata?.httpStatusCode
  const details = detailsOf(failure, status)
  const name = byCode[failure.Code ?? ''] ?? byCode[failure.name ?? ''] ?? byStatus[status ?? 0]
  if (name) return name(details, error)
  const unreachable = networkError(error)
  if (unreachable) return unreachable
  if (failure.name === 'SyntaxError' || (status && status < 300)) {
    return misconfigured(
      'not_an_s3_endpoint',
      'What answers at this endpoint does not speak S3',
      'Look for the S3 API endpoint in the documentation of your store.',
      error,
    )
  }
  if (!status) return error
  if (status >= 500) return busy(details, error)
  return misconfigured('storage_refused', 'The store refused the request', details, error)
}

/** Runs a call and names what it throws. */
export async function namedS3<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw s3Error(error)
  }
}

/** The store's code and words; they name buckets and keys at most, never a secret. */
function detailsOf(
  failure: { Code?: string; name?: string; message?: string },
  status: number | undefined,
): string | undefined {
  if (!status) return undefined
  const code = failure.Code ?? failure.name ?? 'unknown'
  const words = failure.message && failure.message !== 'UnknownError' ? `: ${failure.message}` : ''
  return `HTTP ${status} ${code}${words}`
}
