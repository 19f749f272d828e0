import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { TrainingConfig } from '#lib/training/training-config.types.ts'
import { configOfRow } from './config-row.ts'

/** A configuration of the user's; a stranger's looks like none. */
export async function getConfig(
  { db }: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<TrainingConfig> {
  const row = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_configs')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .executeTakeFirst(),
  )
  if (!row) throw configNotFound()
  return configOfRow(row)
}

export function configNotFound() {
  return notFound('config_not_found', 'There is no such training configuration')
}
