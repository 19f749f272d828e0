import type { ApiToken } from '#lib/auth/account.types.ts'
import type { User } from '#lib/auth/identity.ts'
import type { Database } from '#lib/db/database.ts'
import { tokenAnswer } from './create-token.ts'

export async function listTokens({ db }: { db: Database }, user: User): Promise<{ tokens: ApiToken[] }> {
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('api_tokens')
      .select(['id', 'name', 'preview', 'created_at', 'last_used_at', 'expires_at'])
      .orderBy('created_at', 'desc')
      .execute(),
  )
  return { tokens: rows.map(tokenAnswer) }
}
