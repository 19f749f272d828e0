import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { configNotFound } from './get-config.ts'

export async function deleteConfig(
  { db }: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<{ deleted: true; id: string }> {
  const row = await db.asUser(user.id, (trx) =>
    trx
      .deleteFrom('training_configs')
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .returning('id')
      .executeTakeFirst(),
  )
  if (!row) throw configNotFound()
  return { deleted: true, id }
}
