import { type AppError, isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { StorageAccess } from '#lib/storage/storage-registry.ts'
import type { ListedObject, StorageLocation, StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import type { Finding } from './doctor.types.ts'

export type DoctorServices = Pick<
  Services,
  'db' | 'stores' | 'storageAccess' | 'settings' | 'log' | 'ingest' | 'deploymentId'
>

/** A bucket or a folder, seen with one key. */
export interface Place {
  provider: StorageProvider
  location: StorageLocation
  /** In words. */
  words: string
  /** Whose key opens it, where each user has their own. */
  userId: string | null
  store: StorageService | null
  /** Why there is no store, or why it could not be listed. */
  problem: AppError | null
  /** Datasets that lie here and are not failed. */
  datasets: Dataset[]
  objects: Map<string, ListedObject>
}

/** What was found, and how to mend it; `mend` answers what it did. */
export interface Case {
  finding: Omit<Finding, 'severity' | 'outcome' | 'did'>
  mend: (() => Promise<string>) | null
}

export interface PlaceRequest {
  provider: StorageProvider
  access: StorageAccess
  userId: string
  location: StorageLocation | null
}

/** Opens a place without a call to it. What cannot be opened is a place with a problem. */
export function openPlace({ stores }: Pick<Services, 'stores'>, request: PlaceRequest): Place {
  const { provider, access, userId, location } = request
  const { keyFrom, placeOf } = storageCatalog[provider]
  const owner = keyFrom === 'user' ? userId : null
  const place = { provider, userId: owner, datasets: [], objects: new Map() }
  try {
    const store = stores.open(provider, access, location)
    return { ...place, location: store.location, words: placeOf(store.location), store, problem: null }
  } catch (error) {
    if (!isAppError(error)) throw error
    const unknown = location ?? { bucket: null, region: null, endpoint: null }
    const words = unknown.bucket || !location ? placeOf(unknown) : storageCatalog[provider].labels.badge
    return { ...place, location: unknown, words, store: null, problem: error }
  }
}

/** The same bucket at the same address is one place for each who has a key. */
export const identityOf = ({ provider, userId, location }: Place): string =>
  JSON.stringify([provider, userId, location.bucket, location.endpoint])

/** Whoever opens it: two users' keys may lead to one bucket. */
export const claimOf = ({ provider, location }: Place, key: string): string =>
  JSON.stringify([provider, location.bucket, location.endpoint, key])

/** The keys of a user, without a note that they were used: nobody trained or uploaded. */
export async function quietAccess(
  { storageAccess }: Pick<Services, 'storageAccess'>,
  userId: string,
): Promise<StorageAccess> {
  const { noteAwsUse: _, ...access } = await storageAccess(userId)
  return access
}

export function aboutObject(
  place: Place,
  { key, sizeBytes }: ListedObject,
): Omit<Case['finding'], 'code' | 'message' | 'remedy'> {
  const { provider, words, userId } = place
  const unknown = { dataset_id: null, name: null }
  return { provider, place: words, key, size_bytes: sizeBytes, user_id: userId, ...unknown }
}

export function findingAbout(
  place: Place,
  dataset: Pick<Dataset, 'id' | 'name' | 'user_id' | 'storage_path' | 'file_size_bytes'>,
): Omit<Case['finding'], 'code' | 'message' | 'remedy'> {
  return {
    provider: place.provider,
    place: place.words,
    key: dataset.storage_path,
    dataset_id: dataset.id,
    name: dataset.name,
    user_id: dataset.user_id,
    size_bytes: dataset.file_size_bytes,
  }
}
