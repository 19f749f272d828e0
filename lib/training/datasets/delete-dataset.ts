import { sql } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { getDataset } from './get-dataset.ts'
import { removeDataset, unchanged } from './remove-dataset.ts'

/** Deletes a dataset and its bytes, unless a job that is still alive learns from it. */
export async function deleteDataset(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  user: User,
  id: string,
): Promise<{ deleted: true; id: string; object_removed: boolean; bytes_removed: number }> {
  const dataset = await getDataset(services, user, id)
  if (dataset.status === 'uploading') {
    throw conflict('dataset_uploading', 'This dataset is still being uploaded', 'Cancel the upload instead.')
  }
  const job = await services.db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_jobs')
      .select(['id', 'name'])
      .where('ended_at', 'is', null)
      .where(sql<boolean>`datasets @> ${JSON.stringify([{ dataset_id: id }])}::jsonb`)
      .executeTakeFirst(),
  )
  if (job) {
    throw conflict(
      'dataset_in_use',
      'A training is using this dataset',
      `Cancel "${job.name}" (/jobs/${job.id}) or wait for its end.`,
    )
  }
  return { deleted: true, id, ...(await removeDataset(services, dataset, unchanged(dataset))) }
}
