import type { Logger } from 'pino'
import { countAttempt } from '#lib/auth/attempt-limits.ts'
import type { Identity } from '#lib/auth/identity.ts'
import { requireSameOrigin } from '#lib/auth/same-origin.ts'
import type { Database } from '#lib/db/database.ts'
import { conflict, isAppError, notFound } from '#lib/errors/app-error.ts'
import { createAccessTokenVerifier, type VerifyAccessToken } from './access-token.ts'
import { accountRequests } from './account-requests.ts'
import { authUnreachable, sessionEnded } from './auth-errors.ts'
import { endSession, hasEnded } from './ended-sessions.ts'
import type { SupabaseProject } from './project.ts'
import { createProjectAccounts } from './project-accounts.ts'
import { cookiesAfter, createSessionCookie } from './session-cookie.ts'
import { createTokenRenewal } from './session-renewal.ts'
import { createSignupState } from './signup-state.ts'

export interface SupabaseIdentityOptions {
  project: SupabaseProject
  /** Absent: the project's own address. */
  issuer: string | undefined
  jwtSecret: string | undefined
  db: Database
  log: Logger
  baseUrl: string
  /** The account of OWNER_TOKEN. */
  ownerId: string
}

/** Tokens are renewed this long before they end, so that none ends on its way. */
const renewedBeforeSeconds = 60

/** Accounts in a Supabase project. What the browser holds is a cookie with the session's tokens. */
export function createSupabaseIdentity(options: SupabaseIdentityOptions): Identity {
  const { project, jwtSecret, db, log, baseUrl, ownerId } = options
  const verifyToken = createAccessTokenVerifier({
    url: project.url,
    anonKey: project.anonKey,
    issuer: options.issuer ?? `${project.url}/auth/v1`,
    jwtSecret,
  })
  const verify: VerifyAccessToken = async (token) => {
    const caller = await verifyToken(token)
    const sessionId = caller?.accessToken?.sessionId
    if (sessionId && (await hasEnded(db, sessionId))) throw sessionEnded()
    return caller
  }
  const cookie = createSessionCookie({ isHttps: baseUrl.startsWith('https:') })
  const renewTokens = createTokenRenewal(project)
  const accounts = createProjectAccounts(project, { ownerId })

  const identity: Identity = {
    kind: 'supabase',

    async callerOfSession(headers) {
      const session = await cookie.read(headers.get('cookie'))
      if (!session) return null
      try {
        return await verify(session.access_token)
      } catch (error) {
        if (!isAppError(error) || error.kind !== 'unauthenticated') throw error
        // It would have been renewed, or taken away, had Supabase answered.
        if (error.code === 'access_token_expired') throw authUnreachable(error)
        return null
      }
    },
    callerOfAccessToken: verify,
    findUser: accounts.find,

    async renewSession(headers) {
      const header = headers.get('cookie')
      const session = await cookie.read(header)
      if (!session || session.expires_at > Date.now() / 1000 + renewedBeforeSeconds) return null
      const renewed = await renewTokens(session.refresh_token).catch((error: unknown) => {
        if (isAppError(error) && error.kind === 'unauthenticated') return null
        log.warn({ err: error }, 'a session could not be renewed')
        return undefined
      })
      if (renewed === undefined) return null
      const setCookies = cookie.write(header, renewed)
      return { setCookies, cookie: cookiesAfter(header, setCookies) }
    },

    ensureOwner: accounts.ensureOwner,
    needsOwner: async () => false,
    isOwner: async (userId) => userId === ownerId,
    isSignupOpen: createSignupState(project),
    async createOwner() {
      throw conflict(
        'accounts_at_supabase',
        'Accounts are kept in the Supabase project',
        'Sign in with one of them, or make one there under Authentication > Users.',
      )
    },

    async handle(request) {
      const run = accountRequests[new URL(request.url).pathname]
      if (!run || request.method !== 'POST') throw notFound('not_found', 'There is nothing here')
      requireSameOrigin(request)
      await countAttempt(db, request)
      return run(
        {
          project,
          verify,
          cookie,
          callerOfSession: identity.callerOfSession,
          endHere: (sessionId) => endSession(db, sessionId),
          loginUrl: `${baseUrl}/login`,
        },
        request,
      )
    },
  }
  return identity
}
