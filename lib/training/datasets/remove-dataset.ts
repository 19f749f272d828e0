import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { deleteProblemFile } from '../problems/problem-file.ts'
import { openDatasetStore } from './dataset-store.ts'
import { removeHeld } from './hold-in-store.ts'

/**
 * Removes the object, then the row. The row says `deleting` first, so that a failure between the two leaves something
 * that the sweep will finish, and never a ready row without bytes. Where the store refuses for good (no key any more,
 * no right to delete), the row goes back to what it was: bytes that are still there stay somebody's.
 */
export async function removeDataset(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  dataset: Dataset,
): Promise<{ object_removed: boolean; bytes_removed: number }> {
  const setStatus = (status: Dataset['status']) =>
    services.db.service
      .updateTable('training_datasets')
      .set({ status, updated_at: new Date() })
      .where('id', '=', dataset.id)
      .execute()
  // Opened before anything changes: without a key to the store nothing can be removed.
  const store = dataset.storage_path ? await openDatasetStore(services, dataset) : null
  await setStatus('deleting')
  const removed = await removeObject(store, dataset).catch(async (error: unknown) => {
    if (isAppError(error) && !error.retryable && dataset.status === 'ready') await setStatus('ready')
    throw error
  })
  await deleteProblemFile(services, dataset.id)
  await services.db.service.deleteFrom('training_datasets').where('id', '=', dataset.id).execute()
  // The session that it came by would go on to say that it is there.
  await services.db.service.deleteFrom('dataset_upload_sessions').where('id', '=', dataset.id).execute()
  return { object_removed: removed, bytes_removed: removed ? (dataset.file_size_bytes ?? 0) : 0 }
}

async function removeObject(
  store: StorageService | null,
  { storage_path, status }: Dataset,
): Promise<boolean> {
  if (!store || !storage_path) return false
  if (status !== 'ready') await removeHeld(store, storage_path)
  return (await store.delete(storage_path)).removed
}
