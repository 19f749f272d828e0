import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, jwtVerify } from 'jose'
import { type Account, AuthAccounts, type AuthSession } from './auth-accounts.ts'
import { AuthRefusal, authRefusals } from './auth-refusal.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface AuthApiOptions {
  /** Address of the project. */
  baseUrl: () => string
  keys: SigningKeys
}

/** The Auth server of a project, as supabase/auth answers since its API version 2024-01-01. */
export interface AuthApi {
  readonly accounts: AuthAccounts
  /** How long access tokens live that are issued from now on. */
  accessTokenSeconds: number
  /** Answers a request whose path, behind `/auth/v1`, is `path`. */
  answer(request: IncomingMessage, response: ServerResponse, url: URL, path: string): Promise<void>
}

interface Call {
  url: URL
  authorization: string | undefined
  body: Record<string, unknown>
}

type Route = (call: Call, ...captured: string[]) => Promise<{ status?: number; body?: unknown }>

const apiVersion = '2024-01-01'

export function createAuthApi({ baseUrl, keys }: AuthApiOptions): AuthApi {
  const accounts = new AuthAccounts()
  const takeTurn = createTokenBucket()
  const api: AuthApi = { accounts, accessTokenSeconds: 3600, answer }

  const grant = async ({
    account,
    session,
    refreshToken,
  }: {
    account: Account
    session: AuthSession
    refreshToken: string
  }) => {
    const issuedAt = Math.floor(Date.now() / 1000)
    const expiresAt = issuedAt + api.accessTokenSeconds
    const claims = {
      iss: `${baseUrl()}/auth/v1`,
      sub: account.id,
      aud: 'authenticated',
      exp: expiresAt,
      iat: issuedAt,
      email: account.email,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: account.userMetadata,
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: issuedAt }],
      session_id: session.id,
      is_anonymous: false,
    }
    return {
      access_token: await keys.sign(claims),
      token_type: 'bearer',
      expires_in: api.accessTokenSeconds,
      expires_at: expiresAt,
      refresh_token: refreshToken,
      user: userBody(account),
    }
  }

  /** Whose token a request carries; with the session, which may have ended before the token does. */
  async function authenticated({ authorization }: Call) {
    const { sub, session_id } = await claimsOf(authorization)
    if (typeof sub !== 'string' || sub === '') throw authRefusals.missingSub()
    const account = accounts.find(sub)
    if (!account) throw authRefusals.userOfTokenGone()
    const session = typeof session_id === 'string' ? accounts.session(session_id) : null
    if (session === undefined) throw authRefusals.sessionGone()
    return { account, session }
  }

  async function claimsOf(authorization: string | undefined) {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (!token) throw authRefusals.noBearer()
    try {
      return (await jwtVerify(token, (header) => keys.keyOf(header))).payload
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw authRefusals.badJwt('token has invalid claims: token is expired')
      throw authRefusals.badJwt(`token is unverifiable: ${(error as Error).message}`)
    }
  }

  const asAdmin =
    (route: Route): Route =>
    async (call, ...captured) => {
      if ((await claimsOf(call.authorization)).role !== 'service_role') throw authRefusals.notAdmin()
      return route(call, ...captured)
    }
  const accountNamed = (id: string): Account => {
    const account = accounts.find(id)
    if (!account) throw authRefusals.userNotFound()
    return account
  }

  const routes: Record<string, Route> = {
    'GET /health': async () => ({ body: { version: 'double', name: 'GoTrue' } }),
    'GET /.well-known/jwks.json': async () => ({ body: keys.published() }),
    'GET /settings': async () => ({
      body: {
        external: { email: true, phone: false, anonymous_users: false },
        disable_signup: accounts.rules.disableSignup,
        mailer_autoconfirm: accounts.rules.autoconfirm,
      },
    }),
    async 'POST /token'({ url, body }) {
      takeTurn()
      const kind = url.searchParams.get('grant_type')
      if (kind === 'password')
        return { body: await grant(accounts.signIn(String(body.email), String(body.password))) }
      if (kind === 'refresh_token') return { body: await grant(accounts.refresh(String(body.refresh_token))) }
      throw new AuthRefusal(400, 'invalid_credentials', 'unsupported_grant_type')
    },
    async 'POST /signup'({ body }) {
      const { rules } = accounts
      if (rules.disableSignup) throw authRefusals.signupDisabled()
      const email = String(body.email)
      accounts.checkPassword(String(body.password))
      const known = accounts.withEmail(email)
      if (known?.confirmedAt) {
        if (rules.autoconfirm) throw authRefusals.userExists()
        // Nobody is told who has an account: it looks like a new one.
        return { body: { ...userBody(known), id: crypto.randomUUID(), identities: [], role: '' } }
      }
      const account =
        known ??
        accounts.add({
          email,
          password: String(body.password),
          confirmed: rules.autoconfirm,
          userMetadata: (body.data ?? {}) as Record<string, unknown>,
        })
      if (!account.confirmedAt) return { body: userBody(account) }
      return { body: await grant(accounts.begin(account)) }
    },
    'GET /user': async (call) => ({ body: userBody((await authenticated(call)).account) }),
    async 'PUT /user'(call) {
      const { account, session } = await authenticated(call)
      if (account.hasFactor && call.body.password)
        throw new AuthRefusal(401, 'insufficient_aal', 'AAL2 session is required to update email or password')
      if (call.body.password !== undefined) accounts.setPassword(account, String(call.body.password), session)
      return { body: userBody(account) }
    },
    async 'POST /logout'(call) {
      const { account, session } = await authenticated(call)
      const scope = call.url.searchParams.get('scope') ?? 'global'
      if (scope === 'local' && session) accounts.endSession(session.id)
      else accounts.endSessions(account.id, scope === 'others' ? session?.id : undefined)
      return { status: 204 }
    },
    'POST /admin/users': asAdmin(async ({ body }) => {
      if (accounts.withEmail(String(body.email))) throw authRefusals.emailExists()
      const account = accounts.add({
        id: body.id === undefined ? undefined : String(body.id),
        email: String(body.email),
        password: String(body.password ?? crypto.randomUUID()),
        confirmed: body.email_confirm === true,
        userMetadata: (body.user_metadata ?? {}) as Record<string, unknown>,
      })
      return { body: userBody(account) }
    }),
    'GET /admin/users/:id': asAdmin(async (_, id = '') => ({ body: userBody(accountNamed(id)) })),
    'PUT /admin/users/:id': asAdmin(async ({ body }, id = '') => {
      const account = accountNamed(id)
      const hours = /^(\d+)h$/.exec(String(body.ban_duration ?? ''))?.[1]
      if (hours) account.bannedUntil = new Date(Date.now() + Number(hours) * 3_600_000)
      if (body.ban_duration === 'none') account.bannedUntil = null
      if (body.email_confirm === true) account.confirmedAt ??= new Date()
      return { body: userBody(account) }
    }),
    'DELETE /admin/users/:id': asAdmin(async (_, id = '') => {
      accounts.remove(accountNamed(id).id)
      return { body: {} }
    }),
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    path: string,
  ): Promise<void> {
    const send = (status: number, body: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'x-supabase-api-version': apiVersion })
        .end(status === 204 ? undefined : JSON.stringify(body))
    try {
      const id = /^\/admin\/users\/([^/]+)$/.exec(path)?.[1]
      const route = routes[`${request.method} ${id ? '/admin/users/:id' : path}`]
      if (!route) throw authRefusals.notFound()
      const call = { url, authorization: request.headers.authorization, body: await readBody(request) }
      const { status = 200, body } = await route(call, ...(id ? [id] : []))
      send(status, body)
    } catch (error) {
      if (!(error instanceof AuthRefusal)) throw error
      send(error.status, { code: error.code, message: error.message, ...error.more })
    }
  }

  return api
}

function userBody(account: Account) {
  return {
    id: account.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: account.email,
    ...(account.confirmedAt ? { email_confirmed_at: account.confirmedAt.toISOString() } : {}),
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: account.userMetadata,
    ...(account.hasFactor ? { factors: [{ id: account.id, factor_type: 'totp', status: 'verified' }] } : {}),
    identities: [{ provider: 'email', user_id: account.id }],
    created_at: account.createdAt.toISOString(),
    updated_at: account.createdAt.toISOString(),
    ...(account.bannedUntil ? { banned_until: account.bannedUntil.toISOString() } : {}),
    is_anonymous: false,
  }
}

/** 150 tokens in five minutes, 30 of them at once: the limit that hosted projects begin with. */
function createTokenBucket(): () => void {
  const [burst, perSecond] = [30, 0.5]
  let left = burst
  let filledAt = Date.now()
  return () => {
    left = Math.min(burst, left + ((Date.now() - filledAt) / 1000) * perSecond)
    filledAt = Date.now()
    if (left < 1) throw authRefusals.tooMany()
    left -= 1
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}')
  } catch {
    throw new AuthRefusal(400, 'bad_json', 'Could not parse request body as JSON')
  }
}
