import { type AppError, invalid, isAppError, limit, misconfigured, transient } from '#lib/errors/app-error.ts'

interface SdkFailure {
  name?: string
  message?: string
  $metadata?: { httpStatusCode?: number }
}

const credentialErrors = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'ExpiredTokenException',
  'ExpiredToken',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
])
const busyErrors = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'InternalFailure',
  'InternalServerError',
])

/** Names what AWS or the way to it refused, in the kinds that `Launcher` promises. */
export function sageMakerError(error: unknown): unknown {
  if (isAppError(error)) return error
  const failure = error as SdkFailure
  const name = failure.name ?? ''
  const status = failure.$metadata?.httpStatusCode
  const said = failure.message && failure.message !== 'UnknownError' ? failure.message : undefined
  if (credentialErrors.has(name)) {
    return misconfigured(
      'aws_credentials_refused',
      'AWS does not accept these credentials',
      'Replace the AWS secret under Settings > Secrets (/settings/secrets).',
      error,
    )
  }
  if (name === 'AccessDeniedException' || name === 'AccessDenied') {
    return misconfigured(
      'aws_denied',
      'AWS does not allow this with these credentials',
      `${said ?? 'Access denied.'} A launch needs sagemaker:CreateTrainingJob, DescribeTrainingJob, StopTrainingJob and ListTrainingJobs, and iam:PassRole on the role.`,
      error,
    )
  }
  if (name === 'ResourceLimitExceeded') return outOfQuota(said, error)
  if (/capacity/i.test(name)) return noCapacity(said, error)
  if (busyErrors.has(name) || (status !== undefined && (status >= 500 || status === 429))) {
    return transient('sagemaker_busy', 'SageMaker is busy or failing; try again later', said, error)
  }
  if (status !== undefined) return invalid('sagemaker_refused', 'SageMaker refused the request', said, error)
  return transient('sagemaker_unreachable', 'SageMaker cannot be reached', said ?? name, error)
}

/** "... is 2 Instances, with current utilization of 2 Instances and a request delta of 1 Instances." */
const quotaPattern = /is (\d+) Instances?, with current utilization/i

/** A quota of none never becomes free by waiting; one that is in use does. */
function outOfQuota(said: string | undefined, cause: unknown): AppError {
  if (quotaPattern.exec(said ?? '')?.[1] !== '0') return noCapacity(said, cause)
  return limit(
    'quota_exceeded',
    'Your AWS account may not run this instance type',
    `${said} Ask for a higher quota in the AWS console: Service Quotas > Amazon SageMaker, "for training job usage" (spot has a quota of its own).`,
    cause,
  )
}

function noCapacity(said: string | undefined, cause: unknown): AppError {
  return limit('no_capacity', 'There is no room for this instance type now', said, cause)
}

/** SageMaker answers a missing job as a request that is not valid. */
export function isMissing(error: unknown): boolean {
  const { name, message } = error as SdkFailure
  return (
    name === 'ResourceNotFound' ||
    name === 'ResourceNotFoundException' ||
    (name === 'ValidationException' && /not found|does not exist/i.test(message ?? ''))
  )
}

/** What a stop answers for a job that has ended. */
export function hasEnded(error: unknown): boolean {
  const { name, message } = error as SdkFailure
  return (
    name === 'ValidationException' && /in status (completed|failed|stopped|stopping)/i.test(message ?? '')
  )
}

export function isNameTaken(error: unknown): boolean {
  return (error as SdkFailure).name === 'ResourceInUse'
}
