/**
 * An upload, from the first byte to a ready row. At every moment the bytes that exist have a row that says where they
 * are: the row is written before the put begins and becomes ready after it ended. What a killed process leaves is
 * therefore always a row `uploading` whose process is dead, and `sweep-datasets.ts` removes both.
 */
import type { User } from '#lib/auth/identity.ts'
import { AppError, conflict } from '#lib/errors/app-error.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { encodeMemberIndex } from '#lib/ingest/member-index.ts'
import type { Services } from '#lib/services.ts'
import { datasetObjectOptions, storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset, IngestReport, UploadFields } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'
import { removeDataset } from './remove-dataset.ts'
import { trackUpload } from './track-upload.ts'

export interface DatasetUpload {
  fields: UploadFields
  file: AsyncIterable<Uint8Array>
  fileName: string | null
  /** The id that the client asks for progress with. */
  clientUploadId: string | null
  signal: AbortSignal
}

type UploadServices = Pick<
  Services,
  'db' | 'stores' | 'storageAccess' | 'ingest' | 'settings' | 'processId' | 'log'
>

export async function uploadDataset(
  services: UploadServices,
  user: User,
  upload: DatasetUpload,
): Promise<{ dataset: Dataset; report: IngestReport }> {
  const store = await openTarget(services, user, upload)
  const dataset = await beginDataset(services, user, upload, store)
  const progress = trackUpload(services, dataset.id)
  try {
    const run = services.ingest.ingest(upload.file, {
      declaredFormat: upload.fields.format,
      onError: upload.fields.on_error,
      split: upload.fields.split,
      fileName: upload.fileName ?? undefined,
      limits: ingestLimits(services),
      signal: upload.signal,
      onProgress: progress.update,
    })
    const options = { ...datasetObjectOptions(user.id, dataset.id), signal: upload.signal }
    await store.put(dataset.storage_path!, run.stream, options)
    const result = await run.result
    return { dataset: await finishDataset(services, dataset, result), report: result.report }
  } catch (error) {
    // The put has cleaned up after itself; this covers an object that was whole when something later failed.
    await removeDataset(services, dataset).catch((cleanup) =>
      services.log.error({ err: cleanup, dataset: dataset.id }, 'a failed upload was left for the sweep'),
    )
    throw error
  } finally {
    await progress.stop()
  }
}

async function openTarget(
  services: UploadServices,
  user: User,
  { fields }: DatasetUpload,
): Promise<StorageService> {
  const provider = fields.storage_provider ?? services.stores.defaultProvider
  const access = await services.storageAccess(user.id)
  const missing = services.stores.unavailable(provider, access)
  if (missing) throw missing
  return services.stores.open(provider, access)
}

async function beginDataset(
  { db, stores, processId }: UploadServices,
  user: User,
  { fields, fileName, clientUploadId }: DatasetUpload,
  store: StorageService,
): Promise<Dataset> {
  const id = crypto.randomUUID()
  const provider = fields.storage_provider ?? stores.defaultProvider
  const row = await db.asUser(user.id, async (trx) => {
    if (fields.config_id) {
      const config = await trx
        .selectFrom('training_configs')
        .select('id')
        .where('id', '=', fields.config_id)
        .executeTakeFirst()
      if (!config)
        throw new AppError('invalid', {
          code: 'config_not_found',
          message: 'There is no such training configuration',
        })
    }
    return trx
      .insertInto('training_datasets')
      .values({
        id,
        user_id: user.id,
        config_id: fields.config_id ?? null,
        name: fields.name ?? nameOfFile(fileName),
        description: fields.description || null,
        storage_provider: provider,
        metadata: JSON.stringify(fileName ? { original_name: fileName } : {}),
      } as never)
      .returning('id')
      .executeTakeFirstOrThrow()
  })
  // Where the bytes will lie is the server's to say, and said before there are any.
  return db.service.transaction().execute(async (trx) => {
    await trx
      .insertInto('dataset_uploads')
      .values({
        dataset_id: row.id,
        user_id: user.id,
        process_id: processId,
        client_upload_id: clientUploadId,
      })
      .execute()
    const placed = await trx
      .updateTable('training_datasets')
      .set({
        storage_path: storageCatalog[provider].datasetKey(user.id, id),
        storage_bucket: store.location.bucket,
        storage_region: store.location.region,
        storage_endpoint: store.location.endpoint,
      })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    return datasetOfRow(placed)
  })
}

async function finishDataset(
  { db }: UploadServices,
  dataset: Dataset,
  result: IngestResult,
): Promise<Dataset> {
  const { report } = result
  return db.service.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('training_datasets')
      .set({
        status: 'ready',
        format: report.format,
        file_size_bytes: result.storedSizeBytes,
        raw_size_bytes: result.rawSizeBytes,
        sha256: result.sha256,
        total_examples: report.rows_stored,
        avg_input_length: report.statistics?.avg_input_length ?? null,
        avg_output_length: report.statistics?.avg_output_length ?? null,
        metadata: JSON.stringify({ ...dataset.metadata, report }),
        updated_at: new Date(),
      })
      .where('id', '=', dataset.id)
      .where('status', '=', 'uploading')
      .returningAll()
      .executeTakeFirst()
    if (!row) throw conflict('dataset_gone', 'The dataset was removed while it was being uploaded')
    await trx
      .insertInto('dataset_member_indexes')
      .values({
        dataset_id: dataset.id,
        user_id: dataset.user_id,
        members: encodeMemberIndex(result.members),
      })
      .execute()
    await trx
      .updateTable('dataset_uploads')
      .set({ status: 'ready', rows_read: report.rows_read })
      .where('dataset_id', '=', dataset.id)
      .execute()
    return datasetOfRow(row)
  })
}

function ingestLimits({ settings }: UploadServices) {
  return {
    rowBytesMax: settings.INGEST_ROW_BYTES_MAX,
    inflatedBytesMax: settings.INGEST_INFLATED_BYTES_MAX,
    inflationRatioMax: settings.INGEST_INFLATION_RATIO_MAX,
    depthMax: settings.INGEST_DEPTH_MAX,
  }
}

/** The file's own name without its folders and endings, as a first name for the dataset. */
function nameOfFile(fileName: string | null): string {
  const base = (fileName ?? '').split(/[\\/]/).at(-1) ?? ''
  const bare = base
    .replace(/(\.(jsonl|ndjson|json|csv|tsv|parquet|txt|md|gz|zst))+$/i, '')
    .replace(/\p{Cc}/gu, '')
    .trim()
  return bare.slice(0, 200) || 'Untitled dataset'
}
