import { z } from 'zod'
import { invalidFields } from '#lib/api/invalid-fields.ts'
import { readJson } from '#lib/api/read-json.ts'
import { ownerInputSchema, signInSchema } from '#lib/auth/account.types.ts'
import type { Caller } from '#lib/auth/identity.ts'
import { invalid, isAppError, misconfigured, unauthenticated } from '#lib/errors/app-error.ts'
import type { VerifyAccessToken } from './access-token.ts'
import { authError, secondFactorNeeded } from './auth-errors.ts'
import { type AuthClient, authClient, type SupabaseProject } from './project.ts'
import { userOf } from './project-accounts.ts'
import type { SessionCookie, SupabaseSession } from './session-cookie.ts'

export interface AccountContext {
  project: SupabaseProject
  verify: VerifyAccessToken
  cookie: SessionCookie
  callerOfSession(headers: Headers): Promise<Caller | null>
  /** Makes the tokens of a session worth nothing here. */
  endHere(sessionId: string): Promise<void>
  /** Where links in messages to new users lead. */
  loginUrl: string
}

type AccountRequest = (context: AccountContext, request: Request) => Promise<Response>

const passwordChangeSchema = z.object({
  currentPassword: signInSchema.shape.password,
  newPassword: ownerInputSchema.shape.password,
})

const signIn: AccountRequest = async ({ project, verify, cookie }, request) => {
  const credentials = await parsed(signInSchema, request)
  const { user, session } = await enter(authClient(project.url, project.anonKey), credentials)
  await checkOwn(verify, session)
  return answer({ user: userOf(user) }, cookie.write(request.headers.get('cookie'), session))
}

const signUp: AccountRequest = async ({ project, verify, cookie, loginUrl }, request) => {
  const { name, email, password } = await parsed(ownerInputSchema, request)
  const { data, error } = await authClient(project.url, project.anonKey).signUp({
    email,
    password,
    options: { data: { name }, emailRedirectTo: loginUrl },
  })
  if (error || !data.user) throw authError(error)
  // The project wants the address confirmed first. It says the same of one that has an account already.
  if (!data.session) return answer({ confirmation_sent: true }, [])
  await checkOwn(verify, data.session)
  return answer(
    { user: userOf(data.user) },
    cookie.write(request.headers.get('cookie'), tokensOf(data.session)),
  )
}

/**
 * Ends the session here, where its tokens are worth nothing from now on, and at Supabase, where it can be renewed no
 * more. Whatever Supabase answers to that, this browser has forgotten it.
 */
const signOut: AccountRequest = async ({ project, cookie, callerOfSession, endHere }, request) => {
  const header = request.headers.get('cookie')
  const session = await cookie.read(header)
  const caller = await callerOfSession(request.headers).catch((error: unknown) => {
    if (isAppError(error)) return null
    throw error
  })
  if (session && caller?.accessToken) {
    const { sessionId } = caller.accessToken
    if (sessionId) await endHere(sessionId)
    await authClient(project.url, project.anonKey).admin.signOut(session.access_token, 'local')
  }
  return answer({ signed_out: true }, cookie.write(header, null))
}

/** Whoever sits before a screen that was left open knows no password: it is asked for, and makes a session of its own. */
const changePassword: AccountRequest = async ({ project, cookie, callerOfSession, endHere }, request) => {
  const caller = await callerOfSession(request.headers)
  if (!caller) throw unauthenticated('unauthenticated', 'Sign in first')
  const { currentPassword, newPassword } = await parsed(passwordChangeSchema, request)
  const client = authClient(project.url, project.anonKey)
  const { user, session } = await enter(client, {
    email: caller.user.email,
    password: currentPassword,
  }).catch((error: unknown) => {
    const isWrong = isAppError(error) && error.code === 'invalid_credentials'
    throw isWrong ? invalid('invalid_password', 'The current password is not right') : error
  })
  const { error } = await client.updateUser({ password: newPassword, current_password: currentPassword })
  if (error) {
    await client.admin.signOut(session.access_token, 'local')
    throw authError(error)
  }
  // Supabase ends every other session of the account, the one that asked included; of that one it is known here too.
  if (caller.accessToken?.sessionId) await endHere(caller.accessToken.sessionId)
  return answer({ user: userOf(user) }, cookie.write(request.headers.get('cookie'), session))
}

async function enter(client: AuthClient, credentials: { email: string; password: string }) {
  const { data, error } = await client.signInWithPassword(credentials)
  if (error) throw authError(error)
  if (data.user.factors?.some(({ status }) => status === 'verified')) {
    await client.admin.signOut(data.session.access_token, 'local')
    throw secondFactorNeeded()
  }
  return { user: data.user, session: tokensOf(data.session) }
}

/** A token that Supabase has just made and that is refused here is no fault of whoever signs in. */
async function checkOwn(
  verify: VerifyAccessToken,
  { access_token }: { access_token: string },
): Promise<void> {
  await verify(access_token).catch((error: unknown) => {
    if (!isAppError(error) || error.kind !== 'unauthenticated') throw error
    throw misconfigured(
      'project_tokens_refused',
      'The access tokens of the Supabase project are refused here',
      `${error.details} Check SUPABASE_JWT_ISSUER, SUPABASE_JWT_SECRET and the clock of this server.`,
      error,
    )
  })
}

function tokensOf(session: {
  access_token: string
  refresh_token: string
  expires_at?: number
}): SupabaseSession {
  const { access_token, refresh_token, expires_at = 0 } = session
  return { access_token, refresh_token, expires_at }
}

async function parsed<Schema extends z.ZodType>(schema: Schema, request: Request): Promise<z.output<Schema>> {
  const result = schema.safeParse(await readJson(request))
  if (result.success) return result.data
  throw invalidFields(result.error, 'body')
}

function answer(body: unknown, setCookies: readonly string[]): Response {
  const response = Response.json(body, { headers: { 'cache-control': 'no-store' } })
  for (const line of setCookies) response.headers.append('set-cookie', line)
  return response
}

/** What is below /api/auth, by path; all of it is POST. */
export const accountRequests: Record<string, AccountRequest> = {
  '/api/auth/sign-in/email': signIn,
  '/api/auth/sign-up/email': signUp,
  '/api/auth/sign-out': signOut,
  '/api/auth/change-password': changePassword,
}
