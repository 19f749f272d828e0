/**
 * An upload, from the first byte to a ready row. At every moment the bytes that exist have a row that says where they
 * are: the row is written before the put begins and becomes ready after it ended. What a killed process leaves is
 * therefore always a row `uploading` whose process is dead, and `sweep-datasets.ts` removes both.
 */
import type { User } from '#lib/auth/identity.ts'
import { jsonText } from '#lib/db/json-text.ts'
import { conflict, isAppError } from '#lib/errors/app-error.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { encodeMemberIndex } from '#lib/ingest/member-index.ts'
import type { Services } from '#lib/services.ts'
import { datasetObjectOptions, storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset, ProblemsFile, UploadFields, UploadResult } from '#lib/training/dataset.types.ts'
import { ProblemFile } from '../problems/problem-file.ts'
import { checkConfig } from './check-config.ts'
import { datasetOfRow } from './dataset-row.ts'
import { duplicateDataset, findTwin } from './find-twin.ts'
import { holdInStore } from './hold-in-store.ts'
import { ingestOptionsOf } from './ingest-options.ts'
import { ingestedValues } from './ingested-values.ts'
import { nameOfFile } from './name-of-file.ts'
import { openTargetStore } from './open-target-store.ts'
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
  'db' | 'stores' | 'storageAccess' | 'ingest' | 'settings' | 'processId' | 'deploymentId' | 'log'
>

export async function uploadDataset(
  services: UploadServices,
  user: User,
  upload: DatasetUpload,
): Promise<UploadResult> {
  const { provider, store } = await openTargetStore(services, user, upload.fields.storage_provider)
  const dataset = await beginDataset(services, user, upload, { provider, store })
  const progress = trackUpload(services, dataset.id)
  const problems = new ProblemFile(services, { userId: user.id, uploadId: dataset.id })
  try {
    const run = services.ingest.ingest(upload.file, {
      ...ingestOptionsOf(services, upload.fields, upload.fileName),
      hold: holdInStore(store, dataset.storage_path!, upload.signal),
      signal: upload.signal,
      problemRows: problems.sink,
      onProgress: progress.update,
    })
    const { deploymentId } = services
    const says = datasetObjectOptions({ userId: user.id, datasetId: dataset.id, deploymentId })
    await store.put(dataset.storage_path!, run.stream, { ...says, signal: upload.signal })
    const result = await run.result
    const { sha256, report } = result
    const twin = await findTwin(services, user, { sha256, place: dataset, otherThan: dataset.id })
    if (twin && upload.fields.on_duplicate === 'ask') throw duplicateDataset(twin)
    const duplicate_of = twin && { id: twin.id, name: twin.name }
    const problems_file = await problems.finish()
    const ready = await finishDataset(services, dataset, result, problems_file)
    return { dataset: ready, report, problems_file, duplicate_of }
  } catch (error) {
    // The put has cleaned up after itself; this covers an object that was whole when something later failed.
    await removeDataset(services, dataset, null).catch((cleanup) =>
      services.log.error({ err: cleanup, dataset: dataset.id }, 'a failed upload was left for the sweep'),
    )
    const isRefusal = isAppError(error) && error.code === 'invalid_dataset'
    throw isRefusal ? await problems.finishRefused(error) : error
  } finally {
    await progress.stop()
  }
}

async function beginDataset(
  { db, processId }: UploadServices,
  user: User,
  { fields, fileName, clientUploadId }: DatasetUpload,
  { provider, store }: { provider: StorageProvider; store: StorageService },
): Promise<Dataset> {
  const id = crypto.randomUUID()
  const row = await db.asUser(user.id, async (trx) => {
    await checkConfig(trx, user, fields.config_id)
    return trx
      .insertInto('training_datasets')
      .values({
        id,
        user_id: user.id,
        config_id: fields.config_id ?? null,
        name: fields.name ?? nameOfFile(fileName),
        description: fields.description || null,
        storage_provider: provider,
        metadata: jsonText(fileName ? { original_name: fileName } : {}),
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
  problemsFile: ProblemsFile | null,
): Promise<Dataset> {
  return db.service.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('training_datasets')
      .set({ ...ingestedValues(result, dataset.metadata, problemsFile), updated_at: new Date() })
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
      .set({ status: 'ready', rows_read: result.report.rows_read })
      .where('dataset_id', '=', dataset.id)
      .execute()
    return datasetOfRow(row)
  })
}
