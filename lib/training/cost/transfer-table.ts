/**
 * What moving bytes costs, for estimates.
 *
 * Egress in USD a GB, as listed in 2026: Amazon S3 to the internet 0.09 after 100 free GB a month (aws.amazon.com/s3/pricing),
 * to SageMaker in its own region nothing; Supabase 0.09 beyond the plan's allowance (supabase.com/pricing). The range
 * begins at nothing because nobody here knows what is left of an allowance.
 */
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import { trainerNeeds } from '#lib/training/compatibility.ts'
import { factOfEach } from '#lib/training/launchers/all-facts.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { Range } from './estimate.types.ts'
import { nothing, range } from './range.ts'

const remote = range(0, 0.09)

/** USD a GB from a store to a trainer. What reads s3:// runs in the region of its bucket. */
export function egressUsdPerGb(store: StorageProvider, trainer: TrainingProvider): Range {
  const { servesRemoteReaders, hasS3Uri } = storageCatalog[store].capabilities
  if (!servesRemoteReaders) return nothing
  return hasS3Uri && trainerNeeds[trainer].reads === 's3' ? nothing : remote
}

export const startUpHours: Record<TrainingProvider, Range> = factOfEach('startUpHours')
export const spotPriceShare: Record<TrainingProvider, Range | null> = factOfEach('spotPriceShare')

/** Bytes a second into a machine: from a store over the internet, and from the Hugging Face Hub. */
export const datasetBytesPerSecond = range(10e6, 150e6)
export const modelBytesPerSecond = range(40e6, 400e6)
