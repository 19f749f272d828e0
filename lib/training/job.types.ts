import { z } from 'zod'
import { storedTextSchema } from '#lib/db/stored-text.types.ts'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'
import { datasetFormatSchema } from './dataset.types.ts'
import { trainingConfigSchema, trainingProviderSchema } from './training-config.types.ts'

export const jobStatuses = [
  'queued',
  'launching',
  'starting',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'lost',
] as const
export const jobStatusSchema = z.enum(jobStatuses)
export type JobStatus = z.infer<typeof jobStatusSchema>

export const progressSchema = z.object({
  step: z.number().int().min(0),
  total_steps: z.number().int().min(0).nullable(),
  epoch: z.number().min(0).nullable(),
})

/** One point of the curves. Absent means not measured at this step; nothing is ever sent as null. */
export const metricPointSchema = z
  .object({
    step: z.number().int().min(0),
    total_steps: z.number().int().min(0).optional(),
    epoch: z.number().min(0).optional(),
    /** ISO 8601 UTC, when the runner saw it. */
    at: z.iso.datetime().optional(),
    loss: z.number().optional(),
    eval_loss: z.number().optional(),
    learning_rate: z.number().optional(),
    grad_norm: z.number().optional(),
    tokens_per_second: z.number().min(0).optional(),
    /** Mebibytes in use on the busiest GPU. */
    gpu_memory_mib: z.number().min(0).optional(),
  })
  .catchall(z.union([z.number(), z.string(), z.boolean()]))
export type MetricPoint = z.infer<typeof metricPointSchema>

export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export const logLineSchema = z.object({
  at: z.iso.datetime(),
  stream: z.enum(['stdout', 'stderr', 'runner']),
  level: z.enum(logLevels).default('info'),
  line: z.string().max(16_384),
})
export type LogLine = z.infer<typeof logLineSchema>

export const jobErrorSchema = z.object({ code: z.string().max(100), message: z.string().max(8192) })

export const jobCostSchema = z.object({
  /** USD, from the provider's price. Null where nobody knows a price; 0 on this machine. */
  estimated: z.number().nullable(),
  /** From the request that got the machine until now, or until it was verified gone. */
  so_far: z.number().nullable(),
  budget_limit: z.number().nullable(),
})

/** What was really had, where the provider chose among candidates. */
export const jobMachineSchema = z.object({
  id: z.string(),
  usd_per_hour: z.number().nullable(),
  region: z.string().nullable(),
})

/** Something that its owner should know: no capacity, a budget that runs out, a machine that was replaced. */
export const jobNoticeSchema = z.object({
  level: z.enum(['info', 'warning', 'error']),
  code: z.string().max(100),
  message: z.string().max(8192),
  /** When, ISO 8601 UTC. */
  at: z.iso.datetime(),
})
export type JobNotice = z.infer<typeof jobNoticeSchema>

export const jobSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  training_config_id: z.uuid().nullable(),
  name: z.string(),
  provider: trainingProviderSchema,
  status: jobStatusSchema,
  /** What the provider calls it: a pod id, an instance id, a process id. */
  provider_ref: z.string().nullable(),
  config: trainingConfigSchema,
  datasets: z.array(
    z.object({
      dataset_id: z.uuid().nullable(),
      name: z.string(),
      weight: z.number(),
      sha256: z.string(),
      total_examples: z.number().int(),
    }),
  ),
  progress: progressSchema.nullable(),
  metrics: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).nullable(),
  cost: jobCostSchema,
  error: jobErrorSchema.nullable(),
  cancel_requested_at: z.iso.datetime().nullable(),
  last_heartbeat_at: z.iso.datetime().nullable(),
  max_runtime_seconds: z.number().int().nullable(),
  /** The provider's own fields, as they were asked for. */
  options: z.record(z.string(), z.unknown()),
  /** Runs without reaching us: a link made at launch, news from the provider only. */
  detached: z.boolean(),
  /** Where what it leaves with us is kept; null: where the deployment keeps such things. */
  artifact_storage_provider: storageProviderSchema.nullable(),
  /** Its owner agreed to data that is not on the provider's own storage. */
  allow_cross_storage: z.boolean(),
  machine: jobMachineSchema.nullable(),
  /** Between these the machine costs; the second is null while it may. */
  billed_from: z.iso.datetime().nullable(),
  billed_until: z.iso.datetime().nullable(),
  /** Where the trained result lies, once there is one. */
  result_path: z.string().nullable(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
  updated_at: z.iso.datetime(),
})
export type Job = z.infer<typeof jobSchema>

export const jobListQuerySchema = z.object({
  status: jobStatusSchema.optional(),
  provider: trainingProviderSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
})
/** The list adds a short loss series to each job, evenly thinned, oldest first. */
export const jobListSchema = z.object({
  jobs: z.array(jobSchema.extend({ loss_preview: z.array(z.number()) })),
  count: z.number().int(),
  next_cursor: z.string().nullable(),
})

const statusNewsSchema = z.object({ status: jobStatusSchema, error: jobErrorSchema.nullable() })

/** The states that a job has been in, and what its owner was told, oldest first, each with its time. */
export const jobCourseSchema = z.object({
  events: z.array(
    z.discriminatedUnion('type', [
      z.object({
        id: z.number().int(),
        type: z.literal('status'),
        at: z.iso.datetime(),
        data: statusNewsSchema,
      }),
      z.object({
        id: z.number().int(),
        type: z.literal('notice'),
        at: z.iso.datetime(),
        data: jobNoticeSchema,
      }),
    ]),
  ),
})
export type JobCourse = z.infer<typeof jobCourseSchema>['events']

/** Measurements and lines in the batches in which they came; `more` when another page follows, in the direction of reading. */
export const jobMetricsPageSchema = z.object({
  batches: z.array(z.object({ id: z.number().int(), points: z.array(metricPointSchema) })),
  more: z.boolean(),
})
export const jobLogsPageSchema = z.object({
  batches: z.array(z.object({ id: z.number().int(), lines: z.array(logLineSchema) })),
  more: z.boolean(),
})

/** What `.../events` sends. `id` grows with every event of a job; `Last-Event-ID` resumes after it. */
export const jobEventSchema = z.discriminatedUnion('type', [
  z.object({
    id: z.number().int(),
    type: z.literal('status'),
    data: statusNewsSchema,
  }),
  z.object({
    id: z.number().int(),
    type: z.literal('metrics'),
    data: z.array(metricPointSchema),
  }),
  z.object({
    id: z.number().int(),
    type: z.literal('logs'),
    data: z.array(logLineSchema),
  }),
  z.object({ id: z.number().int(), type: z.literal('notice'), data: jobNoticeSchema }),
  z.object({ id: z.number().int(), type: z.literal('cost'), data: jobCostSchema }),
])
export type JobEvent = z.infer<typeof jobEventSchema>

export const deployBaseSchema = z.object({
  training_config_id: z.uuid(),
  /** Overrides the datasets of the config with this one. */
  dataset_id: z.uuid().optional(),
  name: storedTextSchema.trim().min(1).max(200).optional(),
  /** Where the machine costs money it is a day when absent, and never more than 28 days. */
  max_runtime_seconds: z.number().int().min(60).max(2_419_200).optional(),
  allow_cross_storage: z.boolean().default(false),
  /** USD; the training ends when its machine has cost so much. */
  budget_limit: z.number().positive().max(1_000_000).optional(),
  /** Kept sealed, given to the machine; names that the runner needs for itself are refused. */
  environment_variables: z.record(z.string(), z.string()).default({}),
  /** The machine cannot reach us: it gets a link that is good for two hours, and news come from the provider only. */
  detached: z.boolean().default(false),
  /** The store for checkpoints and the result, where they go through us; the deployment's own when absent. */
  artifact_storage_provider: storageProviderSchema.optional(),
})
export const deployResultSchema = z.object({ job_id: z.uuid(), status: jobStatusSchema, job: jobSchema })

/** `start` is new for each process of the runner: many of them without a step in between are a crash loop. */
export const leaseRequestSchema = z.object({ start: z.string().min(1).max(64).optional() })

/** Answer to a job's own token: everything that it needs, and no key to anything else. */
export const leaseSchema = z.object({
  datasets: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      url: z.url(),
      expires_at: z.iso.datetime(),
      sha256: z.string(),
      size_bytes: z.number().int(),
      format: datasetFormatSchema,
      total_examples: z.number().int(),
      weight: z.number(),
    }),
  ),
  config: trainingConfigSchema,
})
export type Lease = z.infer<typeof leaseSchema>

/** What the runner sends. `seq` counts reports from 1, so that a repeated one is recognised and changes nothing. */
export const reportSchema = z.object({
  seq: z.number().int().min(1).optional(),
  status: z.enum(['starting', 'running', 'succeeded', 'failed', 'cancelled']).optional(),
  metrics: z.union([metricPointSchema, z.array(metricPointSchema).max(5000)]).optional(),
  logs: z.array(logLineSchema).max(5000).optional(),
  error: jobErrorSchema.optional(),
  result_path: z.string().max(4096).optional(),
})
export type Report = z.infer<typeof reportSchema>

/** What the runner hears back: whether to go on. */
export const reportAnswerSchema = z.object({ status: jobStatusSchema, cancel: z.boolean() })

export const leaseActions = ['token_issued', 'issued', 'renewed', 'refused', 'revoked'] as const
export type LeaseAction = (typeof leaseActions)[number]
/** One line of the record of who was given what, shown on the job's page. */
export const leaseRecordSchema = z.object({
  id: z.number().int(),
  action: z.enum(leaseActions),
  datasets: z.array(z.object({ dataset_id: z.uuid(), name: z.string() })),
  expires_at: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  at: z.iso.datetime(),
})
export const leaseRecordsSchema = z.object({ leases: z.array(leaseRecordSchema) })

export const orphanReasons = ['unknown_job', 'job_ended', 'second_machine', 'past_deadline'] as const
export type OrphanReason = (typeof orphanReasons)[number]
/** A machine with our stamp that had no business to run, and was ended. */
export const orphanSchema = z.object({
  id: z.number().int(),
  job_id: z.uuid(),
  provider: trainingProviderSchema,
  provider_ref: z.string(),
  name: z.string(),
  reason: z.enum(orphanReasons),
  usd_per_hour: z.number().nullable(),
  machine_created_at: z.iso.datetime().nullable(),
  found_at: z.iso.datetime(),
  /** Null until the provider has verified that it is gone. */
  ended_at: z.iso.datetime().nullable(),
})
export const orphansSchema = z.object({ orphans: z.array(orphanSchema) })

/** What a training left with us. */
export const artifactSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  size_bytes: z.number().int(),
  sha256: z.string(),
  storage_provider: storageProviderSchema,
  created_at: z.iso.datetime(),
})
export type Artifact = z.infer<typeof artifactSchema>
export const artifactsSchema = z.object({ artifacts: z.array(artifactSchema) })
export const artifactAnswerSchema = z.object({ artifact: artifactSchema })
/** How much of one file is here; `complete` when it is whole and its hash is proved. */
export const artifactProgressSchema = z.object({ received_bytes: z.number().int(), complete: z.boolean() })
export type ArtifactProgress = z.infer<typeof artifactProgressSchema>
