import { z } from 'zod'
import {
  type ownerInputSchema,
  sessionSchema,
  type signInSchema,
  signupSchema,
} from '#lib/auth/account.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { isApiError } from './api-error.ts'
import { callApi } from './call-api.ts'

const done = z.unknown()

export function getSession(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/session', answer: sessionSchema, signal })
}

/** Only while no account exists; signs in as the owner that it makes. */
export async function createOwner(api: ApiConnection, owner: z.input<typeof ownerInputSchema>) {
  await callApi(api, { method: 'POST', path: '/api/owner', json: owner, answer: done })
  return { confirmation_sent: false }
}

export async function signIn(api: ApiConnection, credentials: z.input<typeof signInSchema>) {
  await callApi(api, { method: 'POST', path: '/api/auth/sign-in/email', json: credentials, answer: done })
}

const signUpSchema = z.object({ confirmation_sent: z.boolean().default(false) })

/** Only where it is open. Signs in, unless the address has to be confirmed first: then a message was sent to it. */
export function signUp(api: ApiConnection, account: z.input<typeof ownerInputSchema>) {
  return callApi(api, {
    method: 'POST',
    path: '/api/auth/sign-up/email',
    json: account,
    answer: signUpSchema,
  })
}

/** Only by the owner. */
export function setSignup(api: ApiConnection, signup: z.input<typeof signupSchema>) {
  return callApi(api, { method: 'PATCH', path: '/api/deployment', json: signup, answer: signupSchema })
}

export async function signOut(api: ApiConnection) {
  await callApi(api, { method: 'POST', path: '/api/auth/sign-out', json: {}, answer: done })
}

export interface PasswordChange {
  current: string
  next: string
  /** Ends every other session of the account. Supabase does so in any case. */
  signOutElsewhere: boolean
}

/** The two keepers of accounts have a word each for a wrong current password. */
export function isWrongPassword(error: unknown): boolean {
  return isApiError(error) && (error.code === 'INVALID_PASSWORD' || error.code === 'invalid_password')
}

export async function changePassword(api: ApiConnection, change: PasswordChange) {
  const json = {
    currentPassword: change.current,
    newPassword: change.next,
    revokeOtherSessions: change.signOutElsewhere,
  }
  await callApi(api, { method: 'POST', path: '/api/auth/change-password', json, answer: done })
}
