import { join } from 'node:path'
import type { Settings } from '#lib/config/settings.ts'
import type { TakeTurn } from '#lib/db/provider-turns.ts'
import { misconfigured } from '#lib/errors/app-error.ts'
import type { SecretsManager } from '#lib/secrets/secrets-manager.service.ts'
import type { StorageLocation, StorageService } from '#lib/storage/storage-service.ts'
import { type TrainingProvider, trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { createColabLauncher } from './colab/launcher.ts'
import { createHuggingFaceLauncher } from './huggingface/launcher.ts'
import { createLambdaLauncher } from './lambda/launcher.ts'
import { createLaunchers, type Launcher, type Launchers } from './launcher.ts'
import { createLocalLauncher } from './local/launcher.ts'
import { createRunPodLauncher } from './runpod/launcher.ts'
import { createSageMakerLauncher } from './sagemaker/launcher.ts'

export interface LauncherNeeds {
  settings: Settings
  deploymentId: string
  secrets: SecretsManager
  /** A user's bucket, with that user's keys. */
  openBucket(userId: string, location: StorageLocation): Promise<StorageService>
  /** Keeps an account's pace over all processes. */
  takeTurn: TakeTurn
}

/** How each launcher is made: the one line that a new one needs beside its folder and its options. */
const makers = {
  local: ({ settings, deploymentId }) =>
    createLocalLauncher({
      jobsFolder: join(settings.DATA_DIR, 'jobs'),
      python: settings.PYTHON,
      deploymentId,
    }),
  runpod: ({ settings, deploymentId, secrets }) =>
    createRunPodLauncher({
      deploymentId,
      secretOf: (userId) => secrets.open(userId, 'runpod'),
      ...(settings.RUNPOD_API_URL ? { apiUrl: settings.RUNPOD_API_URL } : {}),
    }),
  lambda: ({ settings, deploymentId, secrets, takeTurn }) =>
    createLambdaLauncher({
      deploymentId,
      secretOf: (userId) => secrets.open(userId, 'lambda'),
      takeTurn,
      ...(settings.LAMBDA_API_URL ? { apiUrl: settings.LAMBDA_API_URL } : {}),
    }),
  sagemaker: ({ settings, deploymentId, secrets, openBucket }) =>
    createSageMakerLauncher({
      deploymentId,
      secretOf: (userId) => secrets.open(userId, 'aws'),
      openBucket,
      endpoint: settings.SAGEMAKER_ENDPOINT ?? null,
    }),
  huggingface: ({ settings, deploymentId, secrets }) =>
    createHuggingFaceLauncher({
      deploymentId,
      secretOf: (userId) => secrets.open(userId, 'huggingface'),
      ...(settings.HF_ENDPOINT ? { endpoint: settings.HF_ENDPOINT } : {}),
    }),
  colab: ({ settings }) => createColabLauncher({ publicAddress: settings.APP_BASE_URL ?? null }),
} as const satisfies Record<TrainingProvider, (needs: LauncherNeeds) => Launcher>

export function createAllLaunchers(needs: LauncherNeeds): Launchers {
  const made = Object.values(makers).map((make) => make(needs))
  return createLaunchers(made, providerUnavailable)
}

export const providerUnavailable = (provider: TrainingProvider) =>
  misconfigured(
    'provider_unavailable',
    `Launching on ${trainingProviderLabels[provider]} is not part of this version`,
    'Train on this machine instead.',
  )
