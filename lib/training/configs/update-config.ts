import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { TrainingConfig, trainingConfigPatchSchema } from '#lib/training/training-config.types.ts'
import { configOfRow } from './config-row.ts'
import { assertDatasetsExist } from './create-config.ts'
import { configNotFound } from './get-config.ts'

/** Jobs keep the configuration as it was when they were launched; a change meets later ones only. */
export async function updateConfig(
  { db }: Pick<Services, 'db'>,
  user: User,
  id: string,
  { hyperparameters, datasets, ...patch }: z.output<typeof trainingConfigPatchSchema>,
): Promise<TrainingConfig> {
  const row = await db.asUser(user.id, async (trx) => {
    if (datasets)
      await assertDatasetsExist(
        trx,
        user,
        datasets.map(({ dataset_id }) => dataset_id),
      )
    return trx
      .updateTable('training_configs')
      .set({
        ...patch,
        ...(hyperparameters ? { hyperparameters: JSON.stringify(hyperparameters) } : {}),
        ...(datasets ? { datasets: JSON.stringify(datasets) } : {}),
        updated_at: new Date(),
      })
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .returningAll()
      .executeTakeFirst()
  })
  if (!row) throw configNotFound()
  return configOfRow(row)
}
