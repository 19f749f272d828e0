/** A person with an account, as the rest of the code knows them. */
export interface User {
  id: string
  email: string
  name: string
}

/** Who sends a request. */
export interface Caller {
  user: User
  /** Supabase's own proof of who it is, where the request came with one: its storage asks for no other. */
  accessToken?: AccessToken | undefined
}

export interface AccessToken {
  token: string
  expiresAt: Date
  /** The session that it belongs to. */
  sessionId: string | null
}

/** A session that was given new tokens: its old ones are worth nothing any more. */
export interface RenewedSession {
  /** `Set-Cookie` lines that have to go out with the answer. */
  setCookies: string[]
  /** The request's `Cookie` header, as it would be with them. */
  cookie: string
}

/**
 * Where accounts live: in our own tables (`local-identity.ts`) or in a Supabase project (`supabase/`). Both answer the
 * same questions, and nothing else knows which of them does.
 */
export interface Identity {
  readonly kind: 'local' | 'supabase'
  /** Whose session cookie the request carries. */
  callerOfSession(headers: Headers): Promise<Caller | null>
  /**
   * Whose access token this is; null for what is no token of this keeper's. One that is, but has expired or is not good,
   * rejects with `unauthenticated`.
   */
  callerOfAccessToken(token: string): Promise<Caller | null>
  /** The account of this id; null where it is gone or blocked. */
  findUser(id: string): Promise<User | null>
  /** Gives a session whose time is nearly over a new one. Asked once, before a request is answered. */
  renewSession(headers: Headers): Promise<RenewedSession | null>
  /** The owner, made when absent. Only for automation that holds OWNER_TOKEN. */
  ensureOwner(): Promise<User>
  needsOwner(): Promise<boolean>
  /** Whether this account decides for the whole deployment: the first one does. */
  isOwner(userId: string): Promise<boolean>
  isSignupOpen(): Promise<boolean>
  /** Makes the first account, or gives the one that automation made a password, and signs it in. */
  createOwner(owner: { name: string; email: string; password: string }, headers: Headers): Promise<Response>
  /** Sign-in, sign-out and what else happens below /api/auth. */
  handle(request: Request): Promise<Response>
}
