import { join } from 'node:path'
import type { Settings } from '#lib/config/settings.ts'
import type { TakeTurn } from '#lib/db/provider-turns.ts'
import { misconfigured } from '#lib/errors/app-error.ts'
import type { SecretsManager } from '#lib/secrets/secrets-manager.service.ts'
import type { StorageLocation, StorageService } from '#lib/storage/storage-service.ts'
import { type TrainingProvider, trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { launcherFacts, launcherIds } from './all-facts.types.ts'
import { createColabLauncher } from './colab/launcher.ts'
import { createHuggingFaceLauncher } from './huggingface/launcher.ts'
import type { LambdaPace } from './lambda/client.ts'
import { createLambdaLauncher } from './lambda/launcher.ts'
import { createLaunchers, type Launcher, type Launchers } from './launcher.ts'
import { createLocalLauncher } from './local/launcher.ts'
import type { SecretOf } from './provider-failure.ts'
import { createRunPodLauncher } from './runpod/launcher.ts'
import { createSageMakerLauncher } from './sagemaker/launcher.ts'

/** What the application has to give to a launcher; each takes what it asks for. */
export interface LauncherNeeds {
  settings: Settings
  deploymentId: string
  secrets: Pick<SecretsManager, 'open'>
  /** A user's bucket, with that user's keys. */
  openBucket(userId: string, location: StorageLocation): Promise<StorageService>
  /** Keeps an account's pace over all processes. */
  takeTurn: TakeTurn
}

/** How launchers ask, where that is not as usual: tests are in a hurry. */
export interface LauncherManners {
  fetch?: typeof fetch
  /** Between two looks at a machine that is being ended. */
  pollSeconds?: number
  pace?: LambdaPace
}

/** The needs of one launcher. */
interface MakerNeeds extends Omit<LauncherNeeds, 'secrets'>, LauncherManners {
  secretOf: SecretOf
  /** Another address for its API; undefined for its own. */
  apiUrl: string | undefined
}

/** How each launcher is made: the one line that a new one needs here. */
const makers = {
  runpod: createRunPodLauncher,
  lambda: createLambdaLauncher,
  sagemaker: createSageMakerLauncher,
  huggingface: createHuggingFaceLauncher,
  colab: ({ settings }) => createColabLauncher({ publicAddress: settings.APP_BASE_URL ?? null }),
  local: ({ settings: { DATA_DIR, PYTHON }, deploymentId }) =>
    createLocalLauncher({ jobsFolder: join(DATA_DIR, 'jobs'), python: PYTHON, deploymentId }),
} as const satisfies Record<TrainingProvider, (needs: MakerNeeds) => Launcher>

export function createAllLaunchers(
  { secrets, ...needs }: LauncherNeeds,
  manners: LauncherManners = {},
): Launchers {
  const made = launcherIds.map((id) => {
    const { secret, address } = launcherFacts[id]
    const make: (needs: MakerNeeds) => Launcher = makers[id]
    return make({
      ...needs,
      ...manners,
      secretOf: async (userId) => secret && secrets.open(userId, secret),
      apiUrl: address ? needs.settings[address.setting] : undefined,
    })
  })
  return createLaunchers(made, providerUnavailable)
}

const providerUnavailable = (provider: TrainingProvider) =>
  misconfigured(
    'provider_unavailable',
    `Launching on ${trainingProviderLabels[provider]} is not part of this version`,
    'Train on this machine instead.',
  )
