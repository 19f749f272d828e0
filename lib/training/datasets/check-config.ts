import type { Transaction } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { invalid } from '#lib/errors/app-error.ts'

/** That the configuration a dataset is to belong to is the user's. */
export async function checkConfig(
  trx: Transaction<DatabaseSchema>,
  user: Pick<User, 'id'>,
  configId: string | null | undefined,
): Promise<void> {
  if (!configId) return
  const config = await trx
    .selectFrom('training_configs')
    .select('id')
    .where('id', '=', configId)
    .where('user_id', '=', user.id)
    .executeTakeFirst()
  if (!config) throw invalid('config_not_found', 'There is no such training configuration')
}
