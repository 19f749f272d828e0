import { isAppError } from '#lib/errors/app-error.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { StorageAccess } from '#lib/storage/storage-registry.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from '../datasets/dataset-row.ts'
import { type IsNamedByOthers, readKeyNames } from './folders.ts'
import { type DoctorServices, identityOf, openPlace, type Place, quietAccess } from './place.ts'

export interface Survey {
  places: Place[]
  /** Datasets that failed, or were made before anybody checked them: where they lie has to be found out. */
  failed: Dataset[]
  accessOf: (userId: string) => Promise<StorageAccess>
  isNamedByOthers: IsNamedByOthers
}

/** Every place that holds, or may hold, datasets: the stores as they are set up now, and those that rows name. */
export async function surveyPlaces(services: DoctorServices, signal: AbortSignal): Promise<Survey> {
  const { db, stores } = services
  const rows = await db.service.selectFrom('training_datasets').selectAll().orderBy('created_at').execute()
  const datasets = rows.map(datasetOfRow)
  const keyHolders = await db.service.selectFrom('secrets').select('user_id').distinct().execute()
  const users = new Set([...datasets, ...keyHolders].map(({ user_id }) => user_id))
  const accesses = new Map<string, Promise<StorageAccess>>()
  const accessOf = (userId: string) => {
    const access = accesses.get(userId) ?? quietAccess(services, userId)
    accesses.set(userId, access)
    return access
  }

  const places = new Map<string, Place>()
  const add = (place: Place): Place => {
    const known = places.get(identityOf(place)) ?? place
    places.set(identityOf(place), known)
    return known
  }
  for (const provider of storageProviders) {
    const shared = storageCatalog[provider].keyFrom === 'deployment'
    const nobody: StorageAccess = { aws: null }
    for (const userId of shared ? [''] : users) {
      const access = shared ? nobody : await accessOf(userId)
      if (stores.unavailable(provider, access)) continue
      add(openPlace(services, { provider, access, userId, location: null }))
    }
  }
  for (const dataset of datasets) {
    if (dataset.status === 'failed') continue
    add(await placeOfDataset(services, dataset, accessOf)).datasets.push(dataset)
  }
  for (const place of places.values()) await listPlace(place, signal)
  return {
    places: [...places.values()],
    failed: datasets.filter(({ status }) => status === 'failed'),
    accessOf,
    isNamedByOthers: await readKeyNames(services),
  }
}

async function placeOfDataset(
  services: DoctorServices,
  dataset: Dataset,
  accessOf: Survey['accessOf'],
): Promise<Place> {
  const { storage_provider: provider, user_id: userId } = dataset
  const location = {
    bucket: dataset.storage_bucket,
    region: dataset.storage_region,
    endpoint: dataset.storage_endpoint,
  }
  return openPlace(services, { provider, access: await accessOf(userId), userId, location })
}

/** A user's own bucket may hold anything: only what is below their folder can be a dataset of theirs. */
async function listPlace(place: Place, signal: AbortSignal): Promise<void> {
  if (!place.store) return
  const prefix = place.userId === null ? '' : `${place.userId}/`
  try {
    for await (const object of place.store.list(prefix, { signal })) place.objects.set(object.key, object)
  } catch (error) {
    if (!isAppError(error) || error.kind === 'aborted') throw error
    place.problem = error
  }
}
