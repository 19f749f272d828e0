import type { User } from '#lib/auth/identity.ts'
import type { Database } from '#lib/db/database.ts'
import { notFound } from '#lib/errors/app-error.ts'

/** Ends a token at once; the row goes, so that nothing of it can be used again. */
export async function revokeToken({ db }: { db: Database }, user: User, id: string): Promise<void> {
  const removed = await db.asUser(user.id, (trx) =>
    trx.deleteFrom('api_tokens').where('id', '=', id).returning('id').executeTakeFirst(),
  )
  if (!removed) throw notFound('token_not_found', 'There is no such token')
}
