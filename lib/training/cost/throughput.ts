/**
 * How fast a GPU trains, stated where nobody has measured it: arithmetic a token, over what the GPU's data sheet promises,
 * times the share of it that trainings of such a size really get.
 */
import type { Hyperparameters, TrainingMethod } from '#lib/training/training-config.types.ts'
import type { Range } from './estimate.types.ts'
import type { GpuFigures } from './gpu-table.ts'
import type { ModelSize } from './model-size.ts'
import { middle, range, scaled } from './range.ts'

/** The share of its dense throughput that a GPU reaches, by the size of the model: small ones wait for memory. */
const utilisation: readonly { belowParameters: number; share: Range }[] = [
  { belowParameters: 0.7e9, share: range(0.04, 0.2) },
  { belowParameters: 2e9, share: range(0.1, 0.32) },
  { belowParameters: 10e9, share: range(0.18, 0.42) },
  { belowParameters: Number.POSITIVE_INFINITY, share: range(0.22, 0.45) },
]
/** Before Ampere: no bf16, no FlashAttention 2. */
const olderGpus = new Set(['T4', 'V100', 'RTX 6000'])
/** What of a second GPU's speed is won. */
const scaling = range(0.7, 0.95)
/** Weights in 4 bits are unpacked again and again. */
const fourBitShare = range(0.5, 0.85)

/** Arithmetic beside the policy's own pass, as a factor on it: reference models, a second reading. */
const methodWork: Record<TrainingMethod, number> = {
  sft: 1,
  cpt: 1,
  reward: 1,
  orpo: 1,
  // One forward pass of the reference model beside forward and backward.
  dpo: 4 / 3,
  kto: 4 / 3,
}

export interface Work {
  size: ModelSize
  method: TrainingMethod
  hyperparameters: Pick<
    Hyperparameters,
    'lora' | 'load_in_4bit' | 'gradient_checkpointing' | 'packing' | 'batch_size'
  >
}

/** Tokens a second of all GPUs together. */
export function statedThroughput(
  { size, method, hyperparameters }: Work,
  gpu: GpuFigures,
  gpuCount: number,
): Range {
  const used = middle(size.used)
  const share = utilisation.find(({ belowParameters }) => used < belowParameters)!.share
  const [slowest, fastest] = [operationsPerToken(size.used.high), operationsPerToken(size.used.low)]
  let speed = range((gpu.tflops * 1e12 * share.low) / slowest, (gpu.tflops * 1e12 * share.high) / fastest)
  if (olderGpus.has(gpu.name)) speed = scaled(speed, 0.6)
  if (hyperparameters.load_in_4bit)
    speed = range(speed.low * fourBitShare.low, speed.high * fourBitShare.high)
  // Short rows are filled up to the longest of their batch.
  if (method !== 'cpt' && !hyperparameters.packing && hyperparameters.batch_size > 1)
    speed = range(speed.low / 1.6, speed.high / 1.05)
  return gpuCount === 1
    ? speed
    : range(speed.low * gpuCount * scaling.low, speed.high * gpuCount * scaling.high)

  function operationsPerToken(parameters: number): number {
    // Forward 2, backward to the activations 2, to the weights 2 more where they are trained; checkpoints do forward twice.
    const passes = 4 + (hyperparameters.lora ? 0 : 2) + (hyperparameters.gradient_checkpointing ? 2 : 0)
    return passes * parameters * methodWork[method]
  }
}
