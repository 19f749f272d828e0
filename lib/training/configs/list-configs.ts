import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { TrainingConfig } from '#lib/training/training-config.types.ts'
import { configOfRow } from './config-row.ts'

const shownMax = 200

/** The user's newest configurations. */
export async function listConfigs(
  { db }: Pick<Services, 'db'>,
  user: User,
): Promise<{ configs: TrainingConfig[]; count: number }> {
  const { rows, count } = await db.asUser(user.id, async (trx) => ({
    rows: await trx
      .selectFrom('training_configs')
      .selectAll()
      .where('user_id', '=', user.id)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(shownMax)
      .execute(),
    count: (
      await trx
        .selectFrom('training_configs')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('user_id', '=', user.id)
        .executeTakeFirstOrThrow()
    ).n,
  }))
  return { configs: rows.map(configOfRow), count: Number(count) }
}
