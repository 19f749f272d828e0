import type { Hyperparameters, TrainingMethod } from '#lib/training/training-config.types.ts'
import type { Range } from './estimate.types.ts'
import type { ModelSize } from './model-size.ts'
import { range } from './range.ts'

const gib = 1024 ** 3
/** Logits are kept in fp32 and once more for their gradient. */
const vocabulary = 150_000
const bytesPerLogit = 6

export type Fit = 'fits' | 'tight' | 'too_large'

/** GPU memory that the training needs on each GPU, in GiB: every GPU holds the whole model. */
export function memoryNeeded(
  { held }: ModelSize,
  method: TrainingMethod,
  h: Pick<
    Hyperparameters,
    'lora' | 'load_in_4bit' | 'optimizer' | 'batch_size' | 'max_seq_length' | 'gradient_checkpointing'
  >,
): Range {
  const perParameter = h.lora ? (h.load_in_4bit ? 0.6 : 2) : 4 + optimizerBytes[h.optimizer]
  // A reference model beside the one that is trained, where it is not the same one without its adapter.
  const reference = !h.lora && (method === 'dpo' || method === 'kto') ? 2 : 0
  const sequences = method === 'dpo' || method === 'orpo' ? 2 : 1
  const tokens = h.batch_size * h.max_seq_length * sequences
  const logits = (tokens * vocabulary * bytesPerLogit) / gib
  const activations = (tokens / 2048) * (held.high / 1e9) ** 0.6 * (h.gradient_checkpointing ? 0.25 : 2)
  const weights = (parameters: number) => (parameters * (perParameter + reference)) / gib
  return range(weights(held.low) + 1, weights(held.high) * 1.1 + 1 + logits + activations)
}

/** Bytes a parameter that the optimiser keeps. */
export const optimizerBytes: Record<Hyperparameters['optimizer'], number> = {
  adamw: 8,
  adamw_8bit: 2,
  paged_adamw_8bit: 1,
  adafactor: 0.5,
}

export function fitOf(needed: Range, memoryGib: number): Fit {
  if (needed.low > memoryGib) return 'too_large'
  return needed.high > memoryGib ? 'tight' : 'fits'
}
