import { AuthApiError, AuthRetryableFetchError, AuthSessionMissingError } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import { authError } from './auth-errors.ts'

const api = (status: number, code: string | undefined, message = 'said so') =>
  new AuthApiError(message, status, code)

test.each([
  [api(400, 'invalid_credentials'), 'unauthenticated', 'invalid_credentials'],
  [api(400, 'email_not_confirmed'), 'denied', 'email_not_confirmed'],
  [api(400, 'refresh_token_not_found'), 'unauthenticated', 'session_ended'],
  [api(400, 'user_banned'), 'denied', 'account_blocked'],
  [api(422, 'user_already_exists'), 'conflict', 'account_exists'],
  [api(429, 'over_request_rate_limit'), 'limit', 'rate_limited'],
  [api(429, undefined), 'limit', 'rate_limited'],
  [api(401, undefined), 'misconfigured', 'supabase_key_refused'],
  [api(422, 'something_new'), 'misconfigured', 'auth_refused'],
  [new AuthSessionMissingError(), 'unauthenticated', 'session_ended'],
  [new AuthRetryableFetchError('fetch failed', 0), 'transient', 'auth_unreachable'],
  [new TypeError('fetch failed'), 'transient', 'auth_unreachable'],
])('%o is %s, %s', (error, kind, code) => {
  expect(authError(error)).toMatchObject({ kind, code, cause: error })
})

test('what Supabase says of a password is passed on', () => {
  const error = authError(api(422, 'weak_password', 'Password should be at least 12 characters.'))
  expect(error).toMatchObject({
    code: 'weak_password',
    details: 'Password should be at least 12 characters.',
  })
})
