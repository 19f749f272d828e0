import {
  isAuthApiError,
  isAuthError,
  isAuthRetryableFetchError,
  isAuthSessionMissingError,
} from '@supabase/supabase-js'
import {
  AppError,
  conflict,
  denied,
  invalid,
  isAppError,
  misconfigured,
  transient,
  unauthenticated,
} from '#lib/errors/app-error.ts'

type Name = (message: string, cause: unknown) => AppError

const accountExists: Name = (_, cause) =>
  conflict('account_exists', 'There is an account with this address', 'Sign in with it.', cause)
const tooMany: Name = (message, cause) =>
  new AppError('limit', {
    code: 'rate_limited',
    message: 'Too many attempts',
    details: message,
    retryAfterSeconds: 60,
    cause,
  })

/** Supabase Auth's own codes: https://supabase.com/docs/guides/auth/debugging/error-codes */
const byCode: Record<string, Name> = {
  invalid_credentials: (_, cause) =>
    unauthenticated('invalid_credentials', 'Email and password do not belong together', undefined, cause),
  email_not_confirmed: (_, cause) =>
    denied(
      'email_not_confirmed',
      'This address is not confirmed yet',
      'Follow the link in the message that was sent to it.',
      cause,
    ),
  user_banned: (_, cause) =>
    denied('account_blocked', 'This account is blocked', 'Ask whoever runs the Supabase project.', cause),
  signup_disabled: (_, cause) =>
    denied(
      'signup_closed',
      'New accounts are not open here',
      'Ask whoever runs the Supabase project.',
      cause,
    ),
  email_provider_disabled: (_, cause) =>
    misconfigured(
      'email_sign_in_off',
      'The Supabase project takes no passwords',
      'Turn on Email under Authentication > Sign In / Providers.',
      cause,
    ),
  email_address_not_authorized: (_, cause) =>
    misconfigured(
      'email_not_sent',
      'Supabase sends mail to members of the project only',
      'Set up SMTP under Authentication > Emails.',
      cause,
    ),
  captcha_failed: (_, cause) =>
    misconfigured(
      'captcha_required',
      'The Supabase project asks for a CAPTCHA',
      'Turn it off under Authentication > Attack Protection: this server cannot solve it for its users.',
      cause,
    ),
  user_already_exists: accountExists,
  email_exists: accountExists,
  email_address_invalid: (message, cause) =>
    invalid('invalid_email', 'Supabase does not take this address', message, cause),
  weak_password: (message, cause) =>
    invalid('weak_password', 'This password is too weak for the project', message, cause),
  same_password: (_, cause) =>
    invalid('same_password', 'The new password is the old one', 'Choose another.', cause),
  validation_failed: (message, cause) =>
    invalid('invalid_request', 'Supabase does not take this', message, cause),
  insufficient_aal: secondFactorNeeded,
  reauthentication_needed: sessionEnded,
  session_not_found: sessionEnded,
  session_expired: sessionEnded,
  refresh_token_not_found: sessionEnded,
  refresh_token_already_used: sessionEnded,
  user_not_found: sessionEnded,
  over_request_rate_limit: tooMany,
  over_email_send_rate_limit: tooMany,
}

export function sessionEnded(_?: string, cause?: unknown): AppError {
  return unauthenticated('session_ended', 'Your session has ended', 'Sign in again.', cause)
}

export function secondFactorNeeded(_?: string, cause?: unknown): AppError {
  return denied(
    'second_factor_needed',
    'This account has a second factor, which cannot be asked for here',
    'Use an account with a password alone.',
    cause,
  )
}

export function authUnreachable(cause: unknown): AppError {
  return transient('auth_unreachable', 'Supabase Auth does not answer', 'Try again in a moment.', cause)
}

/** Names what supabase-js answered or threw. */
export function authError(error: unknown): AppError {
  if (isAppError(error)) return error
  if (isAuthSessionMissingError(error)) return sessionEnded(undefined, error)
  if (!isAuthError(error) || isAuthRetryableFetchError(error)) return authUnreachable(error)
  const name = byCode[error.code ?? '']
  if (name) return name(error.message, error)
  if (error.status === 429) return tooMany(error.message, error)
  // The gateway before the Auth server knows no codes.
  if (isAuthApiError(error) && !error.code && (error.status === 401 || error.status === 403))
    return misconfigured(
      'supabase_key_refused',
      'Supabase does not accept the keys of this deployment',
      'Check SUPABASE_ANON_KEY and SUPABASE_SERVICE_ROLE_KEY: they have to belong to SUPABASE_URL.',
      error,
    )
  return misconfigured('auth_refused', 'Supabase Auth refused this', error.message, error)
}
