import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { invalid } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { TrainingConfig, trainingConfigInputSchema } from '#lib/training/training-config.types.ts'
import { configOfRow } from './config-row.ts'

export async function createConfig(
  { db }: Pick<Services, 'db'>,
  user: User,
  input: z.output<typeof trainingConfigInputSchema>,
): Promise<TrainingConfig> {
  const row = await db.asUser(user.id, async (trx) => {
    await assertDatasetsExist(
      trx,
      user,
      input.datasets.map(({ dataset_id }) => dataset_id),
    )
    return trx
      .insertInto('training_configs')
      .values({
        ...input,
        user_id: user.id,
        hyperparameters: JSON.stringify(input.hyperparameters),
        datasets: JSON.stringify(input.datasets),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
  return configOfRow(row)
}

/** A stranger's dataset is one that does not exist. */
export async function assertDatasetsExist(
  trx: Parameters<Parameters<Services['db']['asUser']>[1]>[0],
  user: Pick<User, 'id'>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  if (new Set(ids).size < ids.length) {
    throw invalid('dataset_repeated', 'A dataset is listed twice', 'Give it a larger weight instead.')
  }
  const found = await trx
    .selectFrom('training_datasets')
    .select('id')
    .where('id', 'in', ids)
    .where('user_id', '=', user.id)
    .execute()
  const missing = ids.filter((id) => !found.some((row) => row.id === id))
  if (missing.length > 0) throw invalid('dataset_not_found', 'There is no such dataset', missing)
}
