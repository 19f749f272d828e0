import type { User } from '#lib/auth/identity.ts'
import { conflict, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'

/** A dataset of the user's; a stranger's looks like none. */
export async function getDataset({ db }: Pick<Services, 'db'>, user: User, id: string): Promise<Dataset> {
  const row = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_datasets')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .executeTakeFirst(),
  )
  if (!row) throw notFound('dataset_not_found', 'There is no such dataset')
  return datasetOfRow(row)
}

export type ReadyDataset = Dataset & {
  [Field in 'format' | 'storage_path' | 'sha256' | 'file_size_bytes' | 'total_examples']: NonNullable<
    Dataset[Field]
  >
}

/** The same, for those who need its bytes. */
export async function getReadyDataset(
  services: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<ReadyDataset> {
  const dataset = await getDataset(services, user, id)
  if (isReady(dataset)) return dataset
  throw conflict('dataset_not_ready', 'This dataset is not ready', `Its status is "${dataset.status}".`)
}

/** The database holds a ready row to having all of these. */
export function isReady(dataset: Dataset): dataset is ReadyDataset {
  return dataset.status === 'ready' && dataset.storage_path !== null && dataset.format !== null
}
