import { timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import { unauthenticated } from '#lib/errors/app-error.ts'
import type { Caller, Identity } from './identity.ts'
import { hashToken } from './tokens/token-secret.ts'

export interface Authenticator {
  /** Who sends this request, by API token, access token or session cookie; `viaCookie` asks for an origin check. */
  authenticate(headers: Headers): Promise<Caller & { viaCookie: boolean }>
}

export function createAuthenticator({
  db,
  identity,
  ownerToken,
}: {
  db: Database
  identity: Identity
  ownerToken: string | undefined
}): Authenticator {
  const ownerHash = ownerToken ? Buffer.from(hashToken(ownerToken)) : null

  return {
    async authenticate(headers) {
      const token = bearerOf(headers)
      if (token === null) {
        const caller = await identity.callerOfSession(headers)
        if (caller) return { ...caller, viaCookie: true }
        throw unauthenticated(
          'unauthenticated',
          'Sign in first',
          'Sign in, or send an API token as "Authorization: Bearer ...".',
        )
      }
      const hash = hashToken(token)
      if (ownerHash && timingSafeEqual(Buffer.from(hash), ownerHash)) {
        return { user: await identity.ensureOwner(), viaCookie: false }
      }
      const caller = await identity.callerOfAccessToken(token)
      if (caller) return { ...caller, viaCookie: false }
      const userId = await ownerOfApiToken(db, hash)
      const user = userId && (await identity.findUser(userId))
      if (user) return { user, viaCookie: false }
      throw unauthenticated(
        'invalid_token',
        'This token is not valid',
        'It may have been revoked or have expired: make a new one under Settings > Tokens.',
      )
    },
  }
}

/** The token of an `Authorization: Bearer` header, or null where there is none. */
export function bearerOf(headers: Headers): string | null {
  const match = /^Bearer[ ]+(\S+)[ ]*$/i.exec(headers.get('authorization') ?? '')
  return match?.[1] ?? null
}

/** Finds the token and notes its use, at most once a minute: a poll must not become a stream of writes. */
async function ownerOfApiToken(db: Database, hash: string): Promise<string | null> {
  const found = await db.service
    .selectFrom('api_tokens')
    .select(['id', 'user_id', 'last_used_at'])
    .where('token_hash', '=', hash)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst()
  if (!found) return null
  if (!found.last_used_at || Date.now() - found.last_used_at.getTime() > 60_000) {
    await db.service
      .updateTable('api_tokens')
      .set({ last_used_at: new Date() })
      .where('id', '=', found.id)
      .execute()
  }
  return found.user_id
}
