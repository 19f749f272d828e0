/**
 * What moving bytes costs and how long a machine takes to begin, for estimates.
 *
 * Egress in USD a GB, as listed in 2026: Amazon S3 to the internet 0.09 after 100 free GB a month (aws.amazon.com/s3/pricing),
 * to SageMaker in its own region nothing; Supabase 0.09 beyond the plan's allowance (supabase.com/pricing). The range
 * begins at nothing because nobody here knows what is left of an allowance. Start-up times are experience, not promises.
 */
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import { trainerNeeds } from '#lib/training/compatibility.ts'
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

/** From the request to the first byte of data: the machine, its image, the trainer's packages. Hours. */
export const startUpHours: Record<TrainingProvider, Range> = {
  runpod: range(2 / 60, 10 / 60),
  lambda: range(4 / 60, 15 / 60),
  sagemaker: range(3 / 60, 10 / 60),
  huggingface: range(1 / 60, 8 / 60),
  colab: range(2 / 60, 8 / 60),
  local: range(0, 0.5 / 60),
}

/** What spot machines cost of the full price; null where a provider has none that we launch. */
export const spotPriceShare: Record<TrainingProvider, Range | null> = {
  runpod: null,
  lambda: null,
  sagemaker: range(0.3, 1),
  huggingface: null,
  colab: null,
  local: null,
}

/** Bytes a second into a machine: from a store over the internet, and from the Hugging Face Hub. */
export const datasetBytesPerSecond = range(10e6, 150e6)
export const modelBytesPerSecond = range(40e6, 400e6)
