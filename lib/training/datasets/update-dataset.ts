import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Dataset, datasetPatchSchema } from '#lib/training/dataset.types.ts'
import { checkConfig } from './check-config.ts'
import { datasetOfRow } from './dataset-row.ts'

/** Changes what an owner may change: name, description, the config it belongs to. */
export async function updateDataset(
  { db }: Pick<Services, 'db'>,
  user: User,
  id: string,
  patch: z.infer<typeof datasetPatchSchema>,
): Promise<Dataset> {
  const row = await db.asUser(user.id, async (trx) => {
    await checkConfig(trx, user, patch.config_id)
    return trx
      .updateTable('training_datasets')
      .set({ ...patch, updated_at: new Date() })
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .returningAll()
      .executeTakeFirst()
  })
  if (!row) throw notFound('dataset_not_found', 'There is no such dataset')
  return datasetOfRow(row)
}
