import type { Hyperparameters } from '#lib/training/training-config.types.ts'
import { optimizerBytes } from './memory-fit.ts'
import type { ModelSize } from './model-size.ts'

const gigabyte = 1e9
const bytesPerWeight = 2

/** Gigabytes that a training takes at least, by what takes them. */
export interface DiskNeed {
  /** As hubs have it, in 16 bits. */
  model: number
  /** Weights and the optimiser's state, as often as they are kept; an adapter's are nothing beside the model. */
  checkpoints: number
}

export function diskNeeded(
  { held }: ModelSize,
  h: Pick<Hyperparameters, 'lora' | 'optimizer' | 'save_total_limit'>,
): DiskNeed {
  const perCheckpoint = h.lora ? 0 : held.low * (bytesPerWeight + optimizerBytes[h.optimizer])
  return {
    model: (held.low * bytesPerWeight) / gigabyte,
    checkpoints: (perCheckpoint * h.save_total_limit) / gigabyte,
  }
}
