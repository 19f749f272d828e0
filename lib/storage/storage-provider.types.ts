import { z } from 'zod'

/** Where a dataset's bytes can live. Every table over stores is keyed by this list. */
export const storageProviders = ['supabase', 's3', 'local'] as const
export const storageProviderSchema = z.enum(storageProviders)
export type StorageProvider = z.infer<typeof storageProviderSchema>

/** What the screen says; the option labels are part of the product's contract. `place` stands in a sentence. */
export const storageProviderLabels = {
  supabase: { badge: 'Supabase', place: 'Supabase', option: 'Supabase Storage (RunPod, Lambda)' },
  s3: { badge: 'S3', place: 'S3', option: 'AWS S3 (SageMaker)' },
  local: { badge: 'This machine', place: 'this machine', option: 'This machine (local training)' },
} as const satisfies Record<StorageProvider, { badge: string; place: string; option: string }>
