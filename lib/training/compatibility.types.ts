import { z } from 'zod'
import { datasetSchema } from './dataset.types.ts'
import { trainerSchema, trainingMethodSchema, trainingProviderSchema } from './training-config.types.ts'

/** Whether a trainer can learn from a dataset, and if not: why, and what would help. */
export const verdictSchema = z.object({
  selectable: z.boolean(),
  reason: z.string().nullable(),
  fix: z.string().nullable(),
  /** Selectable only, or also, because the reader consents to fetching from a store that is not the provider's own. */
  cross_storage: z.boolean(),
})
export type Verdict = z.infer<typeof verdictSchema>

export const availableQuerySchema = z.object({
  training_provider: z.string().max(50).optional(),
  method: trainingMethodSchema.optional(),
  allow_cross_storage: z.stringbool().default(false),
})
export const availableDatasetsSchema = z.object({
  datasets: z.array(datasetSchema.extend(verdictSchema.shape)),
  /** Said instead of an empty list: why nothing can be selected, and what would change that. */
  explanation: z.string().nullable(),
})
export type AvailableDataset = z.infer<typeof availableDatasetsSchema>['datasets'][number]

/** One training provider as the form shows it. */
export const providerStateSchema = z.object({
  provider: trainingProviderSchema,
  label: z.string(),
  state: z.enum(['ready', 'needs_key', 'unavailable']),
  reason: z.string().nullable(),
  fix_url: z.string().nullable(),
  /** Its machines cost money while they run, so that a budget means something. */
  bills: z.boolean(),
  /** A machine there can be expected to reach this application, to fetch its data and to report. */
  reaches_us: z.boolean(),
  /** A training there can do without reaching us. */
  can_detach: z.boolean(),
  /** Trainers that can run there now. */
  trainers: z.array(
    z.object({ trainer: trainerSchema, available: z.boolean(), reason: z.string().nullable() }),
  ),
})
export const providerStatesSchema = z.object({ providers: z.array(providerStateSchema) })
export type ProviderState = z.infer<typeof providerStateSchema>

/** A kind of machine that a user can choose at a provider. */
export const offerSchema = z.object({
  /** What `gpu_type`, `instance_type` or `flavor` takes. */
  id: z.string(),
  label: z.string(),
  gpu: z.object({ name: z.string(), count: z.number().int(), memory_gib: z.number().nullable() }).nullable(),
  usd_per_hour: z.number().nullable(),
  priced_at: z.string().nullable(),
  price_source: z.enum(['provider', 'table']),
  stock: z.enum(['high', 'medium', 'low', 'none', 'unknown']),
  regions: z.array(z.string()),
})
export type Offer = z.infer<typeof offerSchema>
export const offersSchema = z.object({ offers: z.array(offerSchema) })

/** How far an upload is, asked for with the id that the client gave it in `X-Upload-Id`. */
export const uploadProgressSchema = z.object({
  dataset_id: z.uuid(),
  status: z.enum(['receiving', 'ready', 'failed']),
  received_bytes: z.number().int(),
  rows: z.number().int(),
})
