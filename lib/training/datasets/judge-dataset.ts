import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { judge } from '#lib/training/compatibility.ts'
import { trainingProviderLabels, trainingProviders } from '#lib/training/training-config.types.ts'
import { s3ReaderOf } from '../s3-reader.ts'
import { getDataset } from './get-dataset.ts'

/** What each training provider would say to this dataset, whatever the method. */
export async function judgeDataset(
  services: Pick<Services, 'db' | 'storageAccess' | 'settings'>,
  user: User,
  id: string,
) {
  const dataset = await getDataset(services, user, id)
  const s3Reader = await s3ReaderOf(services, user)
  const question = { method: null, allowCrossStorage: false, dataset, s3Reader }
  return {
    providers: trainingProviders.map((provider) => ({
      provider,
      label: trainingProviderLabels[provider],
      ...judge({ ...question, provider }),
    })),
  }
}
