import { z } from 'zod'
import { jobStatusSchema } from './job.types.ts'
import { trainingProviderSchema } from './training-config.types.ts'

/** A link that was issued. For a job: to its runner, again and again as long as it needs one. */
const linkActivitySchema = z.object({
  kind: z.literal('link'),
  at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  job: z.object({ id: z.uuid(), name: z.string() }).nullable(),
})
const jobActivitySchema = z.object({
  kind: z.literal('job'),
  at: z.iso.datetime(),
  job: z.object({ id: z.uuid(), name: z.string() }),
  provider: trainingProviderSchema,
  status: jobStatusSchema,
})

export const datasetActivitySchema = z.object({
  /** Newest first; the last 100 links and the last 100 jobs. */
  activity: z.array(z.discriminatedUnion('kind', [linkActivitySchema, jobActivitySchema])),
  link_count: z.number().int(),
  job_count: z.number().int(),
})
export type DatasetActivity = z.infer<typeof datasetActivitySchema>
