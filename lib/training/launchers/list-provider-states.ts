import type { User } from '#lib/auth/identity.ts'
import type { AppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { isReachable } from '#lib/training/jobs/reachable-address.ts'
import {
  type TrainingProvider,
  trainers,
  trainingProviderLabels,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import type { Launcher } from './launcher.ts'
import { secretOfProvider } from './provider-secret.ts'

/** Each place to train, in the order of the form, with what this user lacks for it. */
export async function listProviderStates(
  { launchers, log, settings }: Pick<Services, 'launchers' | 'log' | 'settings'>,
  user: User,
): Promise<{ providers: ProviderState[] }> {
  const providers = await Promise.all(
    trainingProviders.map(async (provider): Promise<ProviderState> => {
      const launcher = launchers.find(provider)
      if (!launcher)
        return unavailable(
          provider,
          `Launching on ${trainingProviderLabels[provider]} is not part of this version.`,
        )
      try {
        return await stateOf(launcher, user, isReachable(settings))
      } catch (error) {
        // One provider that cannot be looked at must not hide the others.
        log.warn({ err: error, provider }, 'the state of a provider could not be told')
        return unavailable(provider, 'Whether this can be used could not be told; the server log says why.')
      }
    }),
  )
  return { providers }
}

async function stateOf(launcher: Launcher, user: User, reachable: boolean): Promise<ProviderState> {
  const { provider, capabilities } = launcher
  const [lack, trainersThere] = await Promise.all([launcher.lacks(user.id), launcher.trainers()])
  const known = {
    provider,
    label: trainingProviderLabels[provider],
    bills: capabilities.bills,
    reaches_us: reachable || capabilities.onThisMachine,
    can_detach: capabilities.canDetach,
    trainers: trainersThere,
  }
  if (!lack) return { ...known, state: 'ready', reason: null, fix_url: null }
  const secret = secretOfProvider[provider]
  return {
    ...known,
    state: secret ? 'needs_key' : 'unavailable',
    reason: sentencesOf(lack),
    fix_url: secret && `/settings/secrets#${secret}`,
  }
}

function unavailable(provider: TrainingProvider, reason: string): ProviderState {
  return {
    provider,
    label: trainingProviderLabels[provider],
    state: 'unavailable',
    reason,
    fix_url: null,
    bills: false,
    reaches_us: false,
    can_detach: false,
    trainers: trainers.map((trainer) => ({ trainer, available: false, reason })),
  }
}

function sentencesOf({ message, details }: AppError): string {
  return typeof details === 'string' ? `${message}. ${details}` : `${message}.`
}
