import type { Services } from '#lib/services.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { openDatasetStore } from './dataset-store.ts'

/**
 * Removes the object, then the row. The row says `deleting` first, so that a failure between the two leaves something
 * that the sweep will finish, and never a ready row without bytes. Tells what there was to remove.
 */
export async function removeDataset(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  dataset: Dataset,
): Promise<{ object_removed: boolean; bytes_removed: number }> {
  await services.db.service
    .updateTable('training_datasets')
    .set({ status: 'deleting', updated_at: new Date() })
    .where('id', '=', dataset.id)
    .execute()
  let removed = false
  if (dataset.storage_path) {
    const store = await openDatasetStore(services, dataset)
    removed = (await store.delete(dataset.storage_path)).removed
  }
  await services.db.service.deleteFrom('training_datasets').where('id', '=', dataset.id).execute()
  return { object_removed: removed, bytes_removed: removed ? (dataset.file_size_bytes ?? 0) : 0 }
}
