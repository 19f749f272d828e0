import type { Services } from '#lib/services.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'

/** The store that holds a dataset, where it was put, whatever the settings say today. */
export async function openDatasetStore(
  { stores, storageAccess }: Pick<Services, 'stores' | 'storageAccess'>,
  dataset: Pick<
    Dataset,
    'user_id' | 'storage_provider' | 'storage_bucket' | 'storage_region' | 'storage_endpoint'
  >,
): Promise<StorageService> {
  return stores.open(dataset.storage_provider, await storageAccess(dataset.user_id), {
    bucket: dataset.storage_bucket,
    region: dataset.storage_region,
    endpoint: dataset.storage_endpoint,
  })
}
