import type { SecretProvider } from '#lib/secrets/secret.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'

/** The secret that opens a user's account at a provider; null where there is no account. */
export const secretOfProvider = {
  runpod: 'runpod',
  lambda: 'lambda',
  sagemaker: 'aws',
  huggingface: 'huggingface',
  colab: null,
  local: null,
} as const satisfies Record<TrainingProvider, SecretProvider | null>
