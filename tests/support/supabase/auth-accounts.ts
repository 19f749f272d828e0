import { createHash } from 'node:crypto'
import { authRefusals } from './auth-refusal.ts'

export interface Account {
  id: string
  email: string
  passwordHash: string
  confirmedAt: Date | null
  bannedUntil: Date | null
  userMetadata: Record<string, unknown>
  /** With a second factor that was verified. */
  hasFactor: boolean
  createdAt: Date
}

export interface AuthSession {
  id: string
  userId: string
}

interface RefreshToken {
  sessionId: string
  parent: string | null
  revokedAt: Date | null
}

export interface AuthRules {
  disableSignup: boolean
  /** False: a new address has to be confirmed before it can sign in. */
  autoconfirm: boolean
  passwordMin: number
  /** How long a refresh token that was used may be used again. */
  reuseSeconds: number
}

const passwordBytesMax = 72

/** `auth.users`, `auth.sessions` and `auth.refresh_tokens`, with the rules by which they change. */
export class AuthAccounts {
  readonly rules: AuthRules = { disableSignup: false, autoconfirm: true, passwordMin: 6, reuseSeconds: 10 }
  readonly #accounts = new Map<string, Account>()
  readonly #sessions = new Map<string, AuthSession>()
  readonly #refreshTokens = new Map<string, RefreshToken>()

  find(id: string): Account | undefined {
    return this.#accounts.get(id)
  }

  withEmail(email: string): Account | undefined {
    return [...this.#accounts.values()].find((account) => account.email === email.toLowerCase())
  }

  session(id: string): AuthSession | undefined {
    return this.#sessions.get(id)
  }

  add({
    id = crypto.randomUUID(),
    email,
    password,
    confirmed,
    userMetadata = {},
  }: {
    id?: string | undefined
    email: string
    password: string
    confirmed: boolean
    userMetadata?: Record<string, unknown>
  }): Account {
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) throw authRefusals.invalidEmail()
    this.checkPassword(password)
    const account: Account = {
      id,
      email: email.toLowerCase(),
      passwordHash: hashOf(password),
      confirmedAt: confirmed ? new Date() : null,
      bannedUntil: null,
      userMetadata,
      hasFactor: false,
      createdAt: new Date(),
    }
    this.#accounts.set(id, account)
    return account
  }

  remove(id: string): void {
    this.#accounts.delete(id)
    this.endSessions(id)
  }

  checkPassword(password: string): void {
    if (Buffer.byteLength(password) > passwordBytesMax) throw authRefusals.passwordTooLong()
    if (password.length < this.rules.passwordMin) throw authRefusals.weakPassword(this.rules.passwordMin)
  }

  signIn(email: string, password: string): { account: Account; session: AuthSession; refreshToken: string } {
    const account = this.withEmail(email)
    if (!account) throw authRefusals.invalidCredentials()
    if (isBanned(account)) throw authRefusals.banned()
    if (account.passwordHash !== hashOf(password)) throw authRefusals.invalidCredentials()
    if (!account.confirmedAt) throw authRefusals.emailNotConfirmed()
    return this.begin(account)
  }

  begin(account: Account): { account: Account; session: AuthSession; refreshToken: string } {
    const session = { id: crypto.randomUUID(), userId: account.id }
    this.#sessions.set(session.id, session)
    return { account, session, refreshToken: this.#issue(session.id, null) }
  }

  /**
   * Swaps a refresh token. One that was used is good again while its child is the one in force, or within the reuse
   * interval; used later, it takes the whole session with it.
   */
  refresh(token: string): { account: Account; session: AuthSession; refreshToken: string } {
    const found = this.#refreshTokens.get(token)
    const session = found && this.#sessions.get(found.sessionId)
    const account = session && this.#accounts.get(session.userId)
    if (!found || !session || !account) throw authRefusals.unknownRefreshToken()
    if (isBanned(account)) throw authRefusals.banned()
    if (!found.revokedAt) {
      found.revokedAt = new Date()
      return { account, session, refreshToken: this.#issue(session.id, token) }
    }
    const [active, child] = [...this.#refreshTokens].find(
      ([, { sessionId, revokedAt }]) => sessionId === session.id && !revokedAt,
    ) ?? [null, null]
    if (active && child?.parent === token) return { account, session, refreshToken: active }
    if (Date.now() > found.revokedAt.getTime() + this.rules.reuseSeconds * 1000) {
      for (const each of this.#refreshTokens.values())
        if (each.sessionId === session.id) each.revokedAt ??= new Date()
      throw authRefusals.usedRefreshToken()
    }
    return { account, session, refreshToken: this.#issue(session.id, token) }
  }

  setPassword(account: Account, password: string, kept: AuthSession | null): void {
    this.checkPassword(password)
    if (account.passwordHash === hashOf(password)) throw authRefusals.samePassword()
    account.passwordHash = hashOf(password)
    this.endSessions(account.id, kept?.id)
  }

  endSession(id: string): void {
    this.#sessions.delete(id)
    for (const [token, { sessionId }] of this.#refreshTokens)
      if (sessionId === id) this.#refreshTokens.delete(token)
  }

  endSessions(userId: string, keptId?: string): void {
    for (const { id, userId: owner } of [...this.#sessions.values()])
      if (owner === userId && id !== keptId) this.endSession(id)
  }

  #issue(sessionId: string, parent: string | null): string {
    const token = crypto.randomUUID().replaceAll('-', '').slice(0, 12)
    this.#refreshTokens.set(token, { sessionId, parent, revokedAt: null })
    return token
  }
}

function isBanned({ bannedUntil }: Account): boolean {
  return bannedUntil !== null && bannedUntil > new Date()
}

function hashOf(password: string): string {
  return createHash('sha256').update(password).digest('hex')
}
