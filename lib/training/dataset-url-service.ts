import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { StorageCapabilities } from '#lib/storage/storage-service.ts'
import { openDatasetStore } from './datasets/dataset-store.ts'
import { getReadyDataset } from './datasets/get-dataset.ts'

/** No link lives longer, whoever asks. */
export const linkSecondsMax = 7200

export interface DatasetUrl {
  url: string
  token: StorageCapabilities['signedUrlToken']
  expires_at: string
}

/**
 * A link to one dataset's bytes, made from its id and its owner, by the store that holds it. Who got one, for which
 * job, and until when, is written down.
 */
export async function createDatasetUrl(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  user: User,
  request: { datasetId: string; expiresSeconds?: number; jobId?: string },
): Promise<DatasetUrl> {
  const dataset = await getReadyDataset(services, user, request.datasetId)
  const store = await openDatasetStore(services, dataset)
  const expiresSeconds = Math.min(request.expiresSeconds ?? linkSecondsMax, linkSecondsMax)
  const { url, expiresAt } = await store.signDownload(dataset.storage_path, {
    expiresSeconds,
    downloadName: `${dataset.name}.jsonl.gz`,
  })
  await services.db.service
    .insertInto('dataset_links')
    .values({
      dataset_id: dataset.id,
      user_id: user.id,
      job_id: request.jobId ?? null,
      expires_at: expiresAt,
    })
    .execute()
  return { url, token: store.capabilities.signedUrlToken, expires_at: expiresAt.toISOString() }
}
