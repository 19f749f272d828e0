/** A refusal as Supabase Auth words it since its API version 2024-01-01: a true status, and a stable code beside it. */
export class AuthRefusal extends Error {
  readonly status: number
  readonly code: string
  readonly more: Record<string, unknown>

  constructor(status: number, code: string, message: string, more: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

/** Words and statuses of supabase/auth, internal/api. */
export const authRefusals = {
  invalidCredentials: () => new AuthRefusal(400, 'invalid_credentials', 'Invalid login credentials'),
  emailNotConfirmed: () => new AuthRefusal(400, 'email_not_confirmed', 'Email not confirmed'),
  banned: () => new AuthRefusal(400, 'user_banned', 'User is banned'),
  unknownRefreshToken: () =>
    new AuthRefusal(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found'),
  usedRefreshToken: () =>
    new AuthRefusal(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'),
  signupDisabled: () => new AuthRefusal(422, 'signup_disabled', 'Signups not allowed for this instance'),
  userExists: () => new AuthRefusal(422, 'user_already_exists', 'User already registered'),
  emailExists: () =>
    new AuthRefusal(422, 'email_exists', 'A user with this email address has already been registered'),
  invalidEmail: () =>
    new AuthRefusal(400, 'validation_failed', 'Unable to validate email address: invalid format'),
  passwordTooLong: () =>
    new AuthRefusal(400, 'validation_failed', 'Password cannot be longer than 72 characters'),
  weakPassword: (min: number) =>
    new AuthRefusal(422, 'weak_password', `Password should be at least ${min} characters.`, {
      weak_password: { reasons: ['length'] },
    }),
  samePassword: () =>
    new AuthRefusal(422, 'same_password', 'New password should be different from the old password.'),
  noBearer: () => new AuthRefusal(401, 'no_authorization', 'This endpoint requires a valid Bearer token'),
  badJwt: (reason: string) =>
    new AuthRefusal(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${reason}`),
  missingSub: () => new AuthRefusal(403, 'bad_jwt', 'invalid claim: missing sub claim'),
  userOfTokenGone: () => new AuthRefusal(403, 'user_not_found', 'User from sub claim in JWT does not exist'),
  sessionGone: () =>
    new AuthRefusal(403, 'session_not_found', 'Session from session_id claim in JWT does not exist'),
  notAdmin: () => new AuthRefusal(403, 'not_admin', 'User not allowed'),
  userNotFound: () => new AuthRefusal(404, 'user_not_found', 'User not found'),
  tooMany: () => new AuthRefusal(429, 'over_request_rate_limit', 'Request rate limit reached'),
  notFound: () => new AuthRefusal(404, 'unknown', 'Not Found'),
}
