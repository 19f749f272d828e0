import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { judge } from '#lib/training/compatibility.ts'
import { trainingProviderLabels, trainingProviders } from '#lib/training/training-config.types.ts'
import { getDataset } from './get-dataset.ts'

/** What each training provider would say to this dataset, whatever the method. */
export async function judgeDataset(services: Pick<Services, 'db'>, user: User, id: string) {
  const dataset = await getDataset(services, user, id)
  const question = { method: null, allowCrossStorage: false, dataset }
  return {
    providers: trainingProviders.map((provider) => ({
      provider,
      label: trainingProviderLabels[provider],
      ...judge({ ...question, provider }),
    })),
  }
}
