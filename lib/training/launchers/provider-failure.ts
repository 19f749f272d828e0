import { AppError, type ErrorKind, isAppError, misconfigured } from '#lib/errors/app-error.ts'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'
import { type ProviderName, ProviderRefusal, ProviderSilence } from './provider-http.ts'

/** Opens the key of one user, for one call. */
export type SecretOf = (userId: string) => Promise<OpenedSecret | null>

const proseCharactersMax = 600

export function keyMissing({ label, secret }: ProviderName): AppError {
  return misconfigured(
    'provider_key_missing',
    `${label} needs an API key of yours`,
    `Add it under Settings > Secrets (/settings/secrets#${secret}).`,
  )
}

/** A refusal in our words, with the provider's status and request id beside them. */
export function refused(
  kind: ErrorKind,
  code: string,
  message: string,
  details: string | null,
  refusal?: ProviderRefusal,
): AppError {
  return new AppError(kind, {
    code,
    message,
    ...(details ? { details: shortened(details) } : {}),
    ...(refusal
      ? {
          cause: refusal,
          retryAfterSeconds: refusal.retryAfterSeconds,
          data: { provider_status: refusal.status, provider_request_id: refusal.answer.requestId },
        }
      : {}),
  })
}

/**
 * What the statuses mean that all providers use alike. `prose` is the provider's own explanation. Errors that are none
 * of the provider's come back as they are.
 */
export function failureOf(
  name: ProviderName,
  error: unknown,
  prose: (body: unknown) => string | null,
): unknown {
  if (isAppError(error)) return error
  if (error instanceof ProviderSilence) {
    return new AppError('transient', {
      code: 'provider_unreachable',
      message: `${name.label} did not answer`,
      details: error.message,
      cause: error,
    })
  }
  if (!(error instanceof ProviderRefusal)) return error
  const { label } = name
  const said = prose(error.answer.body)
  const where = 'Settings > Secrets'
  switch (error.status) {
    case 401:
      return refused(
        'misconfigured',
        'provider_key_refused',
        `${label} does not accept the API key`,
        `Put a valid one in under ${where}.`,
        error,
      )
    case 402:
      return refused(
        'misconfigured',
        'provider_balance_low',
        `The ${label} account has no balance left`,
        said ?? `Add credit at ${label}.`,
        error,
      )
    case 403:
      return refused(
        'misconfigured',
        'provider_key_forbidden',
        `The ${label} key may not do this`,
        said ?? `Put a key with more rights in under ${where}.`,
        error,
      )
    case 404:
      return refused('not_found', 'provider_not_found', `${label} does not know it`, said, error)
    case 409:
      return refused('conflict', 'provider_conflict', `${label} cannot do this now`, said, error)
    case 429:
      return refused('limit', 'rate_limited', `${label} asks for fewer requests`, said, error)
  }
  if (error.status >= 500)
    return refused('transient', 'provider_failed', `${label} has a failure of its own`, said, error)
  if (error.status >= 300 && error.status < 400) {
    const details = 'Its API answers from another address: check the setting of its address.'
    return refused('misconfigured', 'provider_moved', `${label} is not at this address`, details, error)
  }
  return refused('invalid', 'provider_refused', `${label} refused the request`, said, error)
}

/**
 * Why a launch failed, in the contract's kinds: what the provider does not know, or will not do, was asked for wrongly.
 * The given secrets are taken out, should the provider have repeated one of them in its prose.
 */
export function launchFailure(error: unknown, secrets: readonly string[]): unknown {
  if (!isAppError(error)) return error
  const clean = (text: string) =>
    secrets.reduce((rest, secret) => (secret.length < 8 ? rest : rest.replaceAll(secret, '***')), text)
  const kind = error.kind === 'not_found' || error.kind === 'conflict' ? 'misconfigured' : error.kind
  return new AppError(kind, {
    code: error.code,
    message: clean(error.message),
    details: typeof error.details === 'string' ? clean(error.details) : error.details,
    // The cause holds the provider's own words, unredacted.
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.data ? { data: error.data } : {}),
  })
}

function shortened(prose: string): string {
  return prose.length > proseCharactersMax ? `${prose.slice(0, proseCharactersMax)}...` : prose
}
