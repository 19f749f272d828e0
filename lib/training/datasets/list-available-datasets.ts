import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import { judge, trainerNeeds, trainingProviderNamed } from '#lib/training/compatibility.ts'
import type {
  AvailableDataset,
  availableDatasetsSchema,
  availableQuerySchema,
} from '#lib/training/compatibility.types.ts'
import { type TrainingProvider, trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { s3ReaderOf } from '../s3-reader.ts'
import { datasetOfRow } from './dataset-row.ts'

const shownMax = 1000

/** Every ready dataset with its verdict for one trainer, those that can be selected first, newest first. */
export async function listAvailableDatasets(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'settings'>,
  user: User,
  query: z.output<typeof availableQuerySchema>,
): Promise<z.infer<typeof availableDatasetsSchema>> {
  const { db, stores, storageAccess } = services
  const s3Reader = await s3ReaderOf(services, user)
  const provider = query.training_provider ? trainingProviderNamed(query.training_provider) : null
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_datasets')
      .selectAll()
      .where('user_id', '=', user.id)
      .where('status', '=', 'ready')
      .orderBy('created_at', 'desc')
      .limit(shownMax)
      .execute(),
  )
  const datasets = rows
    .map(datasetOfRow)
    .map((dataset) => ({
      ...dataset,
      ...judge({
        provider,
        method: query.method ?? null,
        allowCrossStorage: query.allow_cross_storage,
        dataset,
        s3Reader,
      }),
    }))
    .sort((a, b) => Number(b.selectable) - Number(a.selectable))

  const access = await storageAccess(user.id)
  const homeIsOff =
    provider !== null && trainerNeeds[provider].home.every((store) => stores.unavailable(store, access))
  return { datasets, explanation: explain(provider, datasets, homeIsOff) }
}

/** Never an empty list without a word. */
function explain(
  provider: TrainingProvider | null,
  datasets: AvailableDataset[],
  homeIsOff: boolean,
): string | null {
  if (datasets.some(({ selectable }) => selectable)) return null
  const home = provider
    ? trainerNeeds[provider].home.map((store) => storageProviderLabels[store].badge).join(' or ')
    : ''
  const offer = datasets.some(({ cross_storage }) => cross_storage)
    ? ' Switch on "Include datasets on other storage" to use what you have.'
    : ''
  if (provider && homeIsOff) {
    return `${trainingProviderLabels[provider]} reads from ${home}, which is not set up here.${offer}`
  }
  if (datasets.length === 0) return 'There is no dataset yet. Upload one first.'
  return `None of your datasets fits this choice; each says why.${offer}`
}
