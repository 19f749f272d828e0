import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { serveObject } from '#lib/storage/serve-object.ts'
import { datasetOfRow } from './dataset-row.ts'
import { openDatasetStore } from './dataset-store.ts'
import { isReady } from './get-dataset.ts'

/** The bytes of a dataset, or the one range that is asked for. The caller has checked the link. */
export async function serveLocalDataset(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  id: string,
  rangeHeader: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const row = await services.db.service
    .selectFrom('training_datasets')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  const dataset = row && datasetOfRow(row)
  if (!dataset || !isReady(dataset)) throw notFound('dataset_not_found', 'There is no such dataset')
  const object = {
    key: dataset.storage_path,
    sizeBytes: dataset.file_size_bytes,
    sha256: dataset.sha256,
    contentType: 'application/gzip',
    fileName: `${dataset.name}.jsonl.gz`,
  }
  return serveObject(await openDatasetStore(services, dataset), object, { rangeHeader, signal })
}
