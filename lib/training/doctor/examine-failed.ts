import { isAppError } from '#lib/errors/app-error.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { StorageLocation, StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { adoptObject } from './adopt-object.ts'
import { isInFolderOfAnother } from './folders.ts'
import { readLegacyPath } from './legacy-path.ts'
import { type Case, type DoctorServices, findingAbout, openPlace, type Place } from './place.ts'
import type { Survey } from './survey-places.ts'

type OpenPlace = Place & { store: StorageService }

interface Location {
  place: OpenPlace
  key: string
  sizeBytes: number
}

/** A failed dataset: whether its object is anywhere. `claim` is told where, so that the object counts as somebody's. */
export async function* examineFailed(
  services: DoctorServices,
  dataset: Dataset,
  { accessOf, isNamedByOthers }: Survey,
  claim: (place: Place, key: string) => void,
  signal: AbortSignal,
): AsyncGenerator<Case> {
  const { found, first, asked, anothers } = await locate(services, dataset, accessOf, signal)
  if (!found) {
    const message = anothers
      ? `It failed, and its path is in the folder of another user: nothing is taken from there.`
      : `It failed, and its object is nowhere: ${asked.join(', ') || 'no store could be asked'}.`
    const remedy = 'Put the object back and mend, or delete the dataset on /datasets.'
    const about = findingAbout(first, dataset)
    yield { finding: { code: 'row_without_object', ...about, message, remedy }, mend: null }
    return
  }
  const { place, key, sizeBytes } = found
  claim(place, key)
  const about = { ...findingAbout(place, dataset), key, size_bytes: sizeBytes }
  if (dataset.sha256 !== null && sizeBytes !== dataset.file_size_bytes) {
    const message = `It failed, and what lies at its key has ${sizeBytes} bytes; ${dataset.file_size_bytes} were stored.`
    const remedy = 'Put the object back and mend, or delete the dataset on /datasets.'
    yield { finding: { code: 'row_without_object', ...about, message, remedy }, mend: null }
    return
  }
  yield {
    finding: {
      code: 'row_adoptable',
      ...about,
      message: 'It is not ready, but its object is there.',
      remedy:
        'Mending reads all of it. Whole, and of rows that an upload would take, it makes the dataset ready.',
    },
    mend: () =>
      adoptObject(
        services,
        dataset,
        { provider: place.provider, store: place.store, key, isShared: isNamedByOthers(dataset, key) },
        signal,
      ),
  }
}

/** Looks where the path says, then where the row says, then where the dataset would be in each other store. */
async function locate(
  services: DoctorServices,
  dataset: Dataset,
  accessOf: Survey['accessOf'],
  signal: AbortSignal,
): Promise<{ found: Location | null; first: Place; asked: string[]; anothers: boolean }> {
  const access = await accessOf(dataset.user_id)
  const named = dataset.storage_path ? readLegacyPath(dataset.storage_path) : null
  const anothers = named !== null && (await isInFolderOfAnother(services, dataset.user_id, named.key))
  const home = named?.provider ?? dataset.storage_provider
  const open = (provider: StorageProvider, location: StorageLocation | null = null) =>
    openPlace(services, { provider, access, userId: dataset.user_id, location })
  const today = open(home)
  const recorded = named?.bucket
    ? // An address in a path says the bucket; where its server is, says the key that there is now.
      { ...today.location, bucket: named.bucket }
    : {
        bucket: dataset.storage_bucket,
        region: dataset.storage_region,
        endpoint: dataset.storage_endpoint,
      }
  const first = recorded.bucket ? open(home, recorded) : today
  const asked: string[] = []
  for (const provider of [home, ...storageProviders.filter((other) => other !== home)]) {
    const place = provider === home ? first : open(provider)
    const { store } = place
    if (!store) continue
    asked.push(place.words)
    const keys = new Set([
      anothers ? null : named?.key,
      storageCatalog[provider].datasetKey(dataset.user_id, dataset.id),
    ])
    for (const key of keys) {
      if (!key) continue
      const info = await headOrNull(store, key, signal)
      if (info)
        return {
          found: { place: { ...place, store }, key, sizeBytes: info.sizeBytes },
          first,
          asked,
          anothers,
        }
    }
  }
  return { found: null, first, asked, anothers }
}

/** A store that cannot be asked has its own finding; a key that it cannot have is not there. */
async function headOrNull(store: StorageService, key: string, signal: AbortSignal) {
  try {
    return await store.head(key, { signal })
  } catch (error) {
    if (isAppError(error) && error.kind !== 'aborted') return null
    throw error
  }
}
