import { betterAuth } from 'better-auth'
import type { Generated, Kysely } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import { takeTurn } from '#lib/db/rate-limit.ts'
import { conflict, denied } from '#lib/errors/app-error.ts'
import { passwordMin } from './account.types.ts'
import type { Identity, User } from './identity.ts'

export interface LocalIdentityOptions {
  db: Database
  baseUrl: string
  /** Signs session cookies; 32 bytes, base64. */
  secret: string
  /** Asked at every attempt: the owner may have changed it in another process. */
  isSignupOpen: () => Promise<boolean>
}

/** The part of Better Auth's tables that is read or written past it. */
interface AccountsSchema {
  user: {
    id: Generated<string>
    email: string
    name: string
    email_verified: boolean
    created_at: Generated<Date>
  }
  account: { user_id: string; provider_id: string }
}

/** Set by the web server from the socket; whatever a client sends under this name is overwritten. */
export const clientAddressHeader = 'x-finetunelab-client-address'

/** Accounts in our own tables, kept by Better Auth. */
export function createLocalIdentity(options: LocalIdentityOptions): Identity {
  const accounts = options.db.service.withSchema('accounts') as unknown as Kysely<AccountsSchema>
  const auth = createBetterAuth(options, accounts)

  const firstUser = async (): Promise<User | null> =>
    (await accounts
      .selectFrom('user')
      .select(['id', 'email', 'name'])
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst()) ?? null
  const hasPassword = async (): Promise<boolean> =>
    Boolean(
      await accounts
        .selectFrom('account')
        .select('user_id')
        .where('provider_id', '=', 'credential')
        .limit(1)
        .executeTakeFirst(),
    )
  const addUser = (name: string, email: string): Promise<User> =>
    accounts
      .insertInto('user')
      .values({ name, email, email_verified: true })
      .returning(['id', 'name', 'email'])
      .executeTakeFirstOrThrow()

  return {
    kind: 'local',
    async userOfSession(headers) {
      if (!headers.get('cookie')) return null
      const session = await auth.api.getSession({ headers })
      return session ? { id: session.user.id, email: session.user.email, name: session.user.name } : null
    },
    userOfAccessToken: async () => null,
    ensureOwner: async () => (await firstUser()) ?? (await addUser('Owner', 'owner@localhost')),
    needsOwner: async () => !(await hasPassword()),
    isOwner: async (userId) => (await firstUser())?.id === userId,

    async createOwner({ name, email, password }, headers) {
      if (await hasPassword()) {
        throw conflict(
          'owner_exists',
          'This deployment has an owner already',
          'Sign in, or ask the owner for an account.',
        )
      }
      const { internalAdapter, password: passwords } = await auth.$context
      const owner = (await firstUser()) ?? (await addUser(name, email))
      await accounts.updateTable('user').set({ name, email }).where('id', '=', owner.id).execute()
      await internalAdapter.linkAccount({
        userId: owner.id,
        accountId: owner.id,
        providerId: 'credential',
        password: await passwords.hash(password),
      })
      return auth.api.signInEmail({ body: { email, password }, headers, asResponse: true })
    },
    async handle(request) {
      const { pathname } = new URL(request.url)
      const limited = attemptLimits.find(({ path }) => pathname.endsWith(path))
      if (limited) {
        const of = request.headers.get(clientAddressHeader) ?? ''
        await takeTurn(options.db, { name: limited.path, of, max: limited.max, windowSeconds: 60 })
      }
      if (pathname.endsWith(signUpPath) && !(await options.isSignupOpen())) {
        throw denied('signup_closed', 'Sign-up is closed', 'Ask the owner of this deployment to open it.')
      }
      return auth.handler(request)
    },
  }
}

const signUpPath = '/sign-up/email'

/** What could be used to guess, and how often one address may do it in a minute. */
const attemptLimits = [
  { path: '/sign-in/email', max: 10 },
  { path: signUpPath, max: 5 },
  { path: '/change-password', max: 10 },
]

function createBetterAuth({ baseUrl, secret }: LocalIdentityOptions, accounts: Kysely<AccountsSchema>) {
  return betterAuth({
    baseURL: baseUrl,
    basePath: '/api/auth',
    secret,
    database: { db: accounts, type: 'postgres' },
    telemetry: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: { enabled: true, minPasswordLength: passwordMin },
    // The page and this API share an origin, whatever name the machine is reached by.
    trustedOrigins: async (request) => (request ? ownOrigins(request.headers) : []),
    // Counted below for all processes together; this one would count for its own.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'finetunelab',
      database: { generateId: 'uuid' },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      useSecureCookies: baseUrl.startsWith('https:'),
    },
    user: {
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    session: {
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    account: {
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: { fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' } },
  })
}

/** The origins that mean "this same site" to a request: its own host, over either scheme. */
export function ownOrigins(headers: Headers): string[] {
  const host = headers.get('host')
  return host ? [`http://${host}`, `https://${host}`] : []
}
