import { z } from 'zod'

/** Where a dataset's bytes can live. Every table over stores is keyed by this list. */
export const storageProviders = ['supabase', 's3', 'local'] as const
export const storageProviderSchema = z.enum(storageProviders)
export type StorageProvider = z.infer<typeof storageProviderSchema>

/** What the screen says; the option labels are part of the product's contract. */
export const storageProviderLabels = {
  supabase: { badge: 'Supabase', option: 'Supabase Storage (RunPod, Lambda)' },
  s3: { badge: 'S3', option: 'AWS S3 (SageMaker)' },
  local: { badge: 'This machine', option: 'This machine (local training)' },
} as const satisfies Record<StorageProvider, { badge: string; option: string }>
