import type { Services } from '#lib/services.ts'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { trainers, trainingProviderLabels, trainingProviders } from '#lib/training/training-config.types.ts'

/** Each place to train, in the order of the form, with what it lacks. */
export async function listProviderStates({
  launchers,
}: Pick<Services, 'launchers'>): Promise<{ providers: ProviderState[] }> {
  const providers = await Promise.all(
    trainingProviders.map(async (provider): Promise<ProviderState> => {
      const label = trainingProviderLabels[provider]
      const launcher = launchers.find(provider)
      if (launcher) {
        return {
          provider,
          label,
          state: 'ready',
          reason: null,
          fix_url: null,
          trainers: await launcher.trainers(),
        }
      }
      const reason = `Launching on ${label} is not part of this version.`
      return {
        provider,
        label,
        state: 'unavailable',
        reason,
        fix_url: null,
        trainers: trainers.map((trainer) => ({ trainer, available: false, reason })),
      }
    }),
  )
  return { providers }
}
