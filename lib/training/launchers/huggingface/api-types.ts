/**
 * What the Hub's Jobs API says, as huggingface_hub 2.0 uses it (`_jobs_api.py`); there is no document of it. The stages
 * of the TypeScript client are others, and wrong.
 */
import { z } from 'zod'

export const stages = ['SCHEDULING', 'RUNNING', 'COMPLETED', 'ERROR', 'CANCELED', 'DELETED'] as const

export const jobSchema = z.object({
  id: z.string().min(1),
  createdAt: z.string().nullish(),
  startedAt: z.string().nullish(),
  flavor: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  status: z.object({
    /** One that is not in the list (UPDATING has been seen) is a job that is still there. */
    stage: z.enum(stages).catch('RUNNING'),
    message: z.string().nullish(),
  }),
  durations: z.object({ runningSecs: z.number().nullish() }).nullish(),
})
export type HubJob = z.infer<typeof jobSchema>

export const jobListSchema = z.array(jobSchema)

export const whoamiSchema = z.object({ name: z.string().min(1) })

const text = z.union([z.string(), z.number()]).transform(String)
export const hardwareSchema = z.object({
  name: z.string().min(1),
  prettyName: z.string().nullish(),
  accelerator: z.object({ model: z.string(), quantity: text, vram: text.nullish() }).nullish(),
  unitCostUSD: z.number().nullish(),
  unitCostMicroUSD: z.number().nullish(),
  unitLabel: z.string().nullish(),
})
export type Hardware = z.infer<typeof hardwareSchema>
export const hardwareListSchema = z.array(hardwareSchema)

export const errorSchema = z.object({ error: z.string().optional(), message: z.string().optional() })

export const logEventSchema = z.object({ data: z.string(), timestamp: z.string() })

export interface RunJob {
  dockerImage: string
  /** The image's entry point is not used. */
  command: string[]
  arguments: string[]
  /** Shown in clear to whoever may read the job. */
  environment: Record<string, string>
  /** Sealed; reads do not return them. */
  secrets: Record<string, string>
  flavor: string
  /** Without one a job ends after 30 minutes. */
  timeoutSeconds: number
  labels: Record<string, string>
}
