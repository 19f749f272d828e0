import { z } from 'zod'

/** Whose keys the vault keeps. Names are exact and lower case. */
export const secretProviders = ['aws', 'runpod', 'lambda', 'huggingface'] as const
export const secretProviderSchema = z.enum(secretProviders)
export type SecretProvider = z.infer<typeof secretProviderSchema>

export const secretProviderLabels = {
  aws: 'AWS',
  runpod: 'RunPod',
  lambda: 'Lambda',
  huggingface: 'Hugging Face',
} as const satisfies Record<SecretProvider, string>

/** Opened from the vault, for the one call that needs it; never logged, never sent to a browser or a GPU. */
export interface OpenedSecret {
  provider: SecretProvider
  apiKey: string
  metadata: Readonly<Record<string, unknown>>
}
