import { corrupt, isAppError } from '#lib/errors/app-error.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { inflatedStream } from '#lib/ingest/stream-lines.ts'
import { datasetObjectOptions, storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { type Dataset, uploadFieldsSchema } from '#lib/training/dataset.types.ts'
import { holdInStore } from '../datasets/hold-in-store.ts'
import { ingestOptionsOf } from '../datasets/ingest-options.ts'
import { ingestedValues } from '../datasets/ingested-values.ts'
import { counted } from './doctor-words.ts'
import { isInFolderOf } from './folders.ts'
import { saveIndex } from './member-indexes.ts'
import { type DoctorServices, quietAccess } from './place.ts'
import { type ObjectReading, readObject, textHash } from './read-object.ts'

export interface FoundObject {
  provider: StorageProvider
  store: StorageService
  key: string
  /** Whether another row or upload names the key too: deleting the one would take the other's bytes. */
  isShared: boolean
}

/**
 * Makes a failed dataset ready from an object of its own, after reading all of it. Bytes that were stored by us have
 * to be those bytes still. Bytes from before have to be a file that an upload would take: where they are what would be
 * stored anyway, gzip of canonical rows, in the folder of their owner and nobody else's, they are adopted where they lie;
 * else they are brought in, by ingest, under the key that an upload would have.
 * The object that was there is never changed. Answers what was done; rejects with what is wrong with the object.
 */
export async function adoptObject(
  services: DoctorServices,
  dataset: Dataset,
  found: FoundObject,
  signal: AbortSignal,
): Promise<string> {
  const reading = await readObject(found.store, found.key, signal)
  if (dataset.sha256 !== null) {
    const rows = assertIsWhatWasStored(dataset, reading)
    if (mayStay(dataset, found)) return restore(services, dataset, found, rows)
  }
  const trial = await ingestForNothing(services, found, signal)
  const isCanonical = reading.rows?.textSha256 === trial.textSha256
  const usualKey = storageCatalog[found.provider].datasetKey(dataset.user_id, dataset.id)
  if (reading.rows && isCanonical && mayStay(dataset, found)) {
    const { sizeBytes, sha256, rows } = reading
    const result = { ...trial.result, storedSizeBytes: sizeBytes, sha256, members: rows.members }
    await makeReady(services, dataset, found, result)
    return `It was read, ${counted(rows.total, 'row')}, and is ready where it lies.`
  }
  const key = found.key === usualKey ? usualKey.replace(/\.jsonl\.gz$/, '.rows.jsonl.gz') : usualKey
  const run = services.ingest.ingest(
    await found.store.getRange(found.key, undefined, { signal }),
    optionsFor(services, found, signal),
  )
  const { user_id: userId, id: datasetId } = dataset
  const says = datasetObjectOptions({ userId, datasetId, deploymentId: services.deploymentId })
  const store = await storeForUsers(services, dataset, found)
  await store.put(key, run.stream, { ...says, signal })
  try {
    const result = await run.result
    await makeReady(services, dataset, { ...found, store, key }, result, found.key)
    return `It was read and brought in again as ${key}, ${counted(result.report.rows_stored, 'row')} of ${result.report.format}; the object from before is left as it is.`
  } catch (error) {
    await store.delete(key)
    throw error
  }
}

/** Only what lies in its owner's folder, and is one dataset's alone, is reached and removed as that dataset's. */
function mayStay({ user_id, id }: Dataset, { provider, store, key, isShared }: FoundObject): boolean {
  const { linksNeedDatasetKeys, datasetKey } = storageCatalog[provider]
  if (linksNeedDatasetKeys && key !== datasetKey(user_id, id)) return false
  return !isShared && isInFolderOf(user_id, key) && isForUsers({ provider, store })
}

function isForUsers({ provider, store }: Pick<FoundObject, 'provider' | 'store'>): boolean {
  const { bucketOfUsers } = storageCatalog[provider]
  return bucketOfUsers === null || store.location.bucket === bucketOfUsers
}

async function storeForUsers(
  services: DoctorServices,
  { user_id }: Dataset,
  found: FoundObject,
): Promise<StorageService> {
  if (isForUsers(found)) return found.store
  return services.stores.open(found.provider, await quietAccess(services, user_id))
}

function assertIsWhatWasStored(dataset: Dataset, reading: ObjectReading): NonNullable<ObjectReading['rows']> {
  if (reading.sha256 !== dataset.sha256)
    throw corrupt(
      'object_differs',
      'These are not the bytes that were stored',
      `Their SHA-256 is ${reading.sha256}, not ${dataset.sha256}. Put the object back, or delete the dataset.`,
    )
  if (!reading.rows || reading.rows.total !== dataset.total_examples)
    throw corrupt('corrupt_object', 'The stored object is not what its row says', reading.fault ?? undefined)
  return reading.rows
}

/** Bytes that were ready once. */
async function restore(
  services: DoctorServices,
  dataset: Dataset,
  found: FoundObject,
  rows: NonNullable<ObjectReading['rows']>,
): Promise<string> {
  await services.db.service
    .updateTable('training_datasets')
    .set({ status: 'ready', ...placeColumns(found), updated_at: new Date() })
    .where('id', '=', dataset.id)
    .where('status', '=', 'failed')
    .execute()
  await saveIndex(services, dataset, rows.members)
  return `It is what was stored, ${counted(rows.total, 'row')}, and is ready again.`
}

const optionsFor = (services: DoctorServices, { store, key }: FoundObject, signal: AbortSignal) => ({
  ...ingestOptionsOf(services, uploadFieldsSchema.parse({}), key.slice(key.lastIndexOf('/') + 1)),
  hold: holdInStore(store, key, signal),
  signal,
})

/** What an upload of the object would find and store, and the hash of the rows' text. Refused files reject. */
async function ingestForNothing(
  services: DoctorServices,
  found: FoundObject,
  signal: AbortSignal,
): Promise<{ result: IngestResult; textSha256: string }> {
  const object = await found.store.getRange(found.key, undefined, { signal })
  const run = services.ingest.ingest(object, optionsFor(services, found, signal))
  const text = textHash()
  for await (const chunk of inflatedStream(run.stream)) text.update(chunk)
  return { result: await run.result, textSha256: text.hex() }
}

async function makeReady(
  services: DoctorServices,
  dataset: Dataset,
  found: FoundObject,
  result: IngestResult,
  earlierPath?: string,
): Promise<void> {
  const metadata = { ...dataset.metadata, ...(earlierPath ? { earlier_path: earlierPath } : {}) }
  await services.db.service
    .updateTable('training_datasets')
    .set({ ...ingestedValues(result, metadata, null), ...placeColumns(found), updated_at: new Date() })
    .where('id', '=', dataset.id)
    .where('status', '=', 'failed')
    .execute()
  await saveIndex(services, dataset, result.members)
}

function placeColumns({ provider, store, key }: FoundObject) {
  return {
    storage_provider: provider,
    storage_bucket: store.location.bucket,
    storage_region: store.location.region,
    storage_endpoint: store.location.endpoint,
    storage_path: key,
  }
}

/** In words; what is no AppError is a defect and is not hidden. */
export function reasonOf(error: unknown): string {
  if (!isAppError(error)) throw error
  if (error.code === 'invalid_dataset') return `An upload would refuse it: ${firstProblem(error.details)}`
  return [`${error.message}.`, typeof error.details === 'string' ? error.details : '']
    .filter(Boolean)
    .join(' ')
}

function firstProblem(details: unknown): string {
  const [first] = Array.isArray(details) ? details : []
  if (!first) return String(details ?? 'it has no rows.')
  const { line, message, expected } = first as { line: number | null; message: string; expected: string }
  return `${line === null ? '' : `line ${line}: `}${message}; ${expected}`
}
