/** A person with an account, as the rest of the code knows them. */
export interface User {
  id: string
  email: string
  name: string
}

/**
 * Where accounts live. `lib/auth/local-identity.ts` keeps them in our own tables; another keeper answers the same
 * questions from elsewhere, and nothing else changes.
 */
export interface Identity {
  readonly kind: 'local' | 'supabase'
  /** The user whose session cookie the request carries. */
  userOfSession(headers: Headers): Promise<User | null>
  /** The user whose access token this is, where the keeper issues such tokens. */
  userOfAccessToken(token: string): Promise<User | null>
  /** The owner, made when absent. Only for automation that holds OWNER_TOKEN. */
  ensureOwner(): Promise<User>
  needsOwner(): Promise<boolean>
  /** Whether this account decides for the whole deployment: the first one does. */
  isOwner(userId: string): Promise<boolean>
  /** Makes the first account, or gives the one that automation made a password, and signs it in. */
  createOwner(owner: { name: string; email: string; password: string }, headers: Headers): Promise<Response>
  /** Sign-in, sign-out and what else happens below /api/auth. */
  handle(request: Request): Promise<Response>
}
