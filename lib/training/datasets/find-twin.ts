import type { User } from '#lib/auth/identity.ts'
import { AppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'

type Place = Pick<Dataset, 'storage_provider' | 'storage_bucket' | 'storage_endpoint'>

/** A dataset of the user's that holds the very same bytes in the same place, or null. */
export async function findTwin(
  { db }: Pick<Services, 'db'>,
  user: Pick<User, 'id'>,
  bytes: { sha256: string; place: Place; otherThan: string },
): Promise<Dataset | null> {
  const { sha256, place, otherThan } = bytes
  const row = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_datasets')
      .selectAll()
      .where('user_id', '=', user.id)
      .where('sha256', '=', sha256)
      .where('status', '=', 'ready')
      .where('storage_provider', '=', place.storage_provider)
      .where('storage_bucket', 'is not distinct from', place.storage_bucket)
      .where('storage_endpoint', 'is not distinct from', place.storage_endpoint)
      .where('id', '!=', otherThan)
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst(),
  )
  return row ? datasetOfRow(row) : null
}

/** Asks the owner; the answer is another request, with `on_duplicate` `keep`, or none. */
export function duplicateDataset(twin: Dataset): AppError {
  return new AppError('conflict', {
    code: 'duplicate_dataset',
    message: 'These very bytes are in this store already',
    details: `They are the dataset "${twin.name}" (/datasets/${twin.id}). Send on_duplicate=keep to store them again.`,
    data: { dataset: twin },
  })
}
