import { betterAuth } from 'better-auth'
import type { Generated, Kysely } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import { conflict, denied } from '#lib/errors/app-error.ts'
import { passwordMin } from './account.types.ts'
import { clientAddressHeader, countAttempt } from './attempt-limits.ts'
import type { Identity, User } from './identity.ts'
import { ownOrigins } from './same-origin.ts'

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
    async callerOfSession(headers) {
      if (!headers.get('cookie')) return null
      const session = await auth.api.getSession({ headers })
      if (!session) return null
      const { id, email, name } = session.user
      return { user: { id, email, name } }
    },
    callerOfAccessToken: async () => null,
    async findUser(id) {
      const found = await accounts
        .selectFrom('user')
        .select(['email', 'name'])
        .where('id', '=', id)
        .executeTakeFirst()
      // Nothing here deletes an account, so an id without one is a program's, and its token was made by the operator.
      return { id, email: found?.email ?? '', name: found?.name ?? '' }
    },
    // Better Auth does it with the answer.
    renewSession: async () => null,
    ensureOwner: async () => (await firstUser()) ?? (await addUser('Owner', 'owner@localhost')),
    needsOwner: async () => !(await hasPassword()),
    isOwner: async (userId) => (await firstUser())?.id === userId,
    isSignupOpen: options.isSignupOpen,

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
      await countAttempt(options.db, request)
      if (new URL(request.url).pathname.endsWith(signUpPath) && !(await options.isSignupOpen())) {
        throw denied('signup_closed', 'Sign-up is closed', 'Ask the owner of this deployment to open it.')
      }
      return auth.handler(request)
    },
  }
}

const signUpPath = '/sign-up/email'

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
