import type { MemberIndexEntry } from '#lib/ingest/ingest.types.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from '../datasets/dataset-row.ts'
import { isReady, type ReadyDataset } from '../datasets/get-dataset.ts'
import type { DoctorOptions } from './doctor.types.ts'
import { misfitOf, readIndex, rebuildIndex, rebuiltWords, saveIndex } from './member-indexes.ts'
import { type Case, type DoctorServices, findingAbout, type Place } from './place.ts'
import { readObject } from './read-object.ts'

/** What is wrong with a ready dataset: its object first, and when that is right, its index. */
export async function* examineReady(
  services: DoctorServices,
  place: Place & { store: StorageService },
  dataset: Dataset,
  { deep }: DoctorOptions,
  signal: AbortSignal,
): AsyncGenerator<Case> {
  if (!isReady(dataset)) return
  const { store } = place
  const about = findingAbout(place, dataset)
  const found =
    place.objects.get(dataset.storage_path) ?? (await store.head(dataset.storage_path, { signal }))
  const mend = () => makeFailed(services, dataset)
  if (!found) {
    // Whoever deletes a dataset removes the object first.
    if (!(await isStill(services, dataset))) return
    const message = 'The object is not there.'
    const remedy =
      'Mending makes the dataset failed. When the object is back, the doctor makes it ready again.'
    yield { finding: { code: 'object_missing', ...about, message, remedy }, mend }
    return
  }
  const reading = deep ? await readObject(store, dataset.storage_path, signal) : null
  const difference = differenceOf(dataset, reading ?? found)
  if (difference) {
    const remedy = 'Mending makes the dataset failed: no training gets other bytes than were checked.'
    yield { finding: { code: 'object_differs', ...about, message: difference, remedy }, mend }
    return
  }
  yield* examineIndex(services, { dataset, store, about, rebuilt: reading?.rows?.members ?? null, signal })
}

interface IndexExamination {
  dataset: ReadyDataset
  store: StorageService
  about: ReturnType<typeof findingAbout>
  /** From the object, where it was read. */
  rebuilt: MemberIndexEntry[] | null
  signal: AbortSignal
}

async function* examineIndex(services: DoctorServices, at: IndexExamination): AsyncGenerator<Case> {
  const { dataset, store, about, rebuilt, signal } = at
  const remedy = 'Mending rebuilds it from the object alone.'
  const mend = () => rebuildIndex(services, store, dataset, signal)
  const index = await readIndex(services, dataset.id)
  if (index.missing) {
    const message = 'The row index is missing: rows cannot be shown.'
    yield { finding: { code: 'index_missing', ...about, message, remedy }, mend }
    return
  }
  const fault = index.fault ?? (index.members && misfitOf(index.members, dataset))
  const differs = rebuilt && JSON.stringify(rebuilt) !== JSON.stringify(index.members)
  if (!fault && !differs) return
  const message = `The row index does not fit the object. ${fault ?? 'It puts members elsewhere.'}`
  yield {
    finding: { code: 'index_wrong', ...about, message, remedy },
    mend: rebuilt
      ? async () => {
          await saveIndex(services, dataset, rebuilt)
          return rebuiltWords(rebuilt)
        }
      : mend,
  }
}

function differenceOf(
  dataset: ReadyDataset,
  found: { sizeBytes: number; sha256?: string; fault?: string | null },
): string | null {
  if (found.sizeBytes !== dataset.file_size_bytes)
    return `The object has ${found.sizeBytes} bytes; ${dataset.file_size_bytes} were stored.`
  if (found.sha256 !== undefined && found.sha256 !== dataset.sha256)
    return `The object's SHA-256 is ${found.sha256}; ${dataset.sha256} was stored.`
  return found.fault ? `The object cannot be read. ${found.fault}` : null
}

async function isStill({ db }: DoctorServices, { id, storage_path }: ReadyDataset): Promise<boolean> {
  const row = await db.service
    .selectFrom('training_datasets')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined && isReady(datasetOfRow(row)) && row.storage_path === storage_path
}

async function makeFailed({ db }: DoctorServices, { id }: ReadyDataset): Promise<string> {
  await db.service
    .updateTable('training_datasets')
    .set({ status: 'failed', updated_at: new Date() })
    .where('id', '=', id)
    .where('status', '=', 'ready')
    .execute()
  return 'The dataset is failed now, and keeps its hash and its place.'
}
