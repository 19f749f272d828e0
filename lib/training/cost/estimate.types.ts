/**
 * What a training will cost, before it is launched. `estimate-cost.ts` answers `estimateSchema` to an
 * `EstimateQuestion`: a pure function of the configuration, the datasets' statistics, the machine's offer and what
 * earlier jobs measured. Every figure is a range, and every range says in words what it stands on.
 */
import { z } from 'zod'
import {
  configDatasetSchema,
  hyperparametersSchema,
  trainerSchema,
  trainingMethodSchema,
  trainingProviderSchema,
} from '#lib/training/training-config.types.ts'

export const rangeSchema = z.object({ low: z.number().min(0), high: z.number().min(0) })
export type Range = z.infer<typeof rangeSchema>

/** Asked by the form while it is filled in, so nothing needs to be saved first. */
export const estimateRequestSchema = z.object({
  provider: trainingProviderSchema,
  base_model: z.string().trim().min(1).max(300),
  method: trainingMethodSchema,
  trainer: trainerSchema,
  hyperparameters: hyperparametersSchema.default(hyperparametersSchema.parse({})),
  datasets: z.array(configDatasetSchema).max(20).default([]),
  /** The provider's id of a machine: what `gpu_type`, `instance_type` or `flavor` takes. Absent: the cheapest that fits. */
  machine: z.string().trim().min(1).max(100).optional(),
  /** Machines, or GPUs where the provider counts those. */
  machine_count: z.number().int().min(1).max(64).default(1),
  /** Gigabytes of the disk that holds model, data and checkpoints, where a person chooses its size. */
  volume_size_gb: z.number().int().min(1).max(16_384).optional(),
  /** Interruptible capacity, where the provider has it. */
  spot: z.boolean().default(false),
})
export type EstimateRequest = z.output<typeof estimateRequestSchema>

export const estimatePartSchema = z.object({
  what: z.enum(['start_up', 'model_download', 'dataset_download', 'training', 'egress']),
  label: z.string(),
  hours: rangeSchema,
  /** Null where nobody knows a price. */
  usd: rangeSchema.nullable(),
})

export const machineEstimateSchema = z.object({
  machine: z.string(),
  label: z.string(),
  stock: z.enum(['high', 'medium', 'low', 'none', 'unknown']),
  usd_per_hour: z.number().nullable(),
  hours: rangeSchema,
  usd: rangeSchema.nullable(),
})
export type MachineEstimate = z.infer<typeof machineEstimateSchema>

export const estimateSchema = z.object({
  /** Null where the machine has no name of its own: this one. */
  machine: z.string().nullable(),
  label: z.string(),
  usd_per_hour: z.number().nullable(),
  /** Where the price is from, and when it was read; null where there is none. */
  price: z.object({ source: z.enum(['provider', 'table']), at: z.string() }).nullable(),
  hours: rangeSchema,
  usd: rangeSchema.nullable(),
  parts: z.array(estimatePartSchema),
  /** Tokens of all epochs together. */
  tokens: rangeSchema,
  tokens_per_second: rangeSchema,
  throughput: z.enum(['measured', 'stated']),
  /** What the range stands on, each in a sentence. */
  assumptions: z.array(z.string()),
  /** What may go wrong: a model that does not fit, a price that is old, a dataset without statistics. */
  warnings: z.array(z.string()),
  /** Machines on which the same training costs less, cheapest first; at most three. */
  cheaper: z.array(machineEstimateSchema),
  /** A limit that leaves room above the range; null where nobody knows a price. */
  suggested_budget_usd: z.number().nullable(),
  suggested_max_runtime_seconds: z.number().int(),
})
export type Estimate = z.infer<typeof estimateSchema>
