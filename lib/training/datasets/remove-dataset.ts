import { type RawBuilder, sql } from 'kysely'
import { conflict, isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { isInFolderOfAnother, readKeyNames } from '../doctor/folders.ts'
import { readLegacyPath } from '../doctor/legacy-path.ts'
import { deleteProblemFile } from '../problems/problem-file.ts'
import { openDatasetStore } from './dataset-store.ts'
import { removeHeld } from './hold-in-store.ts'

type RemovalServices = Pick<Services, 'db' | 'stores' | 'storageAccess'>

/** That the row is still what was seen. */
export const unchanged = ({ status }: Dataset): RawBuilder<boolean> =>
  sql`training_datasets.status = ${status}`

/**
 * Removes the object, then the row. The row says `deleting` first, so that a failure between the two leaves something
 * that the sweep will finish, and never a ready row without bytes. Where the store refuses for good (no key any more,
 * no right to delete), the row goes back to what it was: bytes that are still there stay somebody's. Rejects with
 * `dataset_changed`, and removes nothing, where `provided` does not hold any more.
 */
export async function removeDataset(
  services: RemovalServices,
  dataset: Dataset,
  provided: RawBuilder<boolean> | null,
): Promise<{ object_removed: boolean; bytes_removed: number }> {
  const { service } = services.db
  const setStatus = (status: Dataset['status'], condition: RawBuilder<boolean> | null) =>
    service
      .updateTable('training_datasets')
      .set({ status, updated_at: new Date() })
      .where('id', '=', dataset.id)
      .where(condition ?? sql<boolean>`true`)
      .executeTakeFirst()
  // Opened before anything changes: without a key to the store nothing can be removed.
  const object = await ownObject(services, dataset)
  const { numUpdatedRows } = await setStatus('deleting', provided)
  if (provided && numUpdatedRows === 0n)
    throw conflict('dataset_changed', 'The dataset has changed meanwhile', 'Look at it again.')
  const removed = await removeObject(object, dataset).catch(async (error: unknown) => {
    const stays = dataset.status === 'ready' || dataset.status === 'failed'
    if (isAppError(error) && !error.retryable && stays) await setStatus(dataset.status, null)
    throw error
  })
  await deleteProblemFile(services, dataset.id)
  await service.deleteFrom('training_datasets').where('id', '=', dataset.id).execute()
  // The session that it came by would go on to say that it is there.
  await service.deleteFrom('dataset_upload_sessions').where('id', '=', dataset.id).execute()
  return { object_removed: removed, bytes_removed: removed ? (dataset.file_size_bytes ?? 0) : 0 }
}

interface OwnObject {
  store: StorageService
  key: string
}

/**
 * The object that goes with the row. A path from before may be an address, or name what belongs to another user or to
 * another row as well: that stays.
 */
async function ownObject(services: RemovalServices, dataset: Dataset): Promise<OwnObject | null> {
  const named = dataset.storage_path ? readLegacyPath(dataset.storage_path) : null
  if (!named) return null
  const { key, bucket, provider } = named
  const isUsual = key === storageCatalog[dataset.storage_provider].datasetKey(dataset.user_id, dataset.id)
  if (!isUsual) {
    if (await isInFolderOfAnother(services, dataset.user_id, key)) return null
    if ((await readKeyNames(services))(dataset, key)) return null
  }
  if (bucket === null || provider === null) return { store: await openDatasetStore(services, dataset), key }
  const access = await services.storageAccess(dataset.user_id)
  const today = services.stores.open(provider, access)
  return { store: services.stores.open(provider, access, { ...today.location, bucket }), key }
}

async function removeObject(object: OwnObject | null, { status }: Dataset): Promise<boolean> {
  if (!object) return false
  const { store, key } = object
  try {
    if (status !== 'ready') await removeHeld(store, key)
    return (await store.delete(key)).removed
  } catch (error) {
    // No object can have such a key.
    if (isAppError(error) && error.code === 'invalid_storage_key') return false
    throw error
  }
}
