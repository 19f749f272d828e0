/**
 * What RunPod's REST API v2 says (https://api.runpod.io/v2/openapi.json), as far as it is used here. Answers are read
 * leniently, since they may grow; requests are exact, since an unknown field is refused with 422.
 */
import { z } from 'zod'

export const podStatuses = ['PROVISIONING', 'STARTING', 'RUNNING', 'EXITED', 'ERROR', 'TERMINATED'] as const

export const podSchema = z.object({
  id: z.string().min(1),
  name: z.string(),
  /** A status that is not in the list is one that we do not know yet, not a broken answer. */
  status: z.enum(podStatuses).catch('RUNNING'),
  gpu: z.object({ id: z.string(), count: z.number().int().default(1) }).optional(),
  dataCenterId: z.string().nullish(),
  /** USD an hour; 0 while stopped. */
  cost: z.number().nullish(),
  /** Present while the container runs; `uptime` counts from its last start, in seconds. */
  runtime: z.object({ uptime: z.number().optional() }).nullish(),
  createdAt: z.string().nullish(),
  startedAt: z.string().nullish(),
})
export type Pod = z.infer<typeof podSchema>

export const podListSchema = z.object({ pods: z.array(podSchema) })

const availabilitySchema = z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH'])

export const gpuTypeSchema = z.object({
  id: z.string().min(1),
  name: z.string(),
  /** GB. */
  memory: z.number(),
  secure: z.boolean(),
  /** USD an hour for one GPU. */
  price: z.object({ secure: z.number() }),
  maxCount: z.object({ secure: z.number() }),
  availability: availabilitySchema.nullish(),
  dataCenters: z.array(z.object({ id: z.string(), availability: availabilitySchema })).nullish(),
})
export type GpuType = z.infer<typeof gpuTypeSchema>

export const gpuListSchema = z.object({ gpus: z.array(gpuTypeSchema) })

/** application/problem+json */
export const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.string()).optional(),
})

export const logEventSchema = z.object({
  source: z.enum(['container', 'system']).catch('container'),
  line: z.string(),
  ts: z.string(),
})

export interface CreatePod {
  name: string
  image: string
  gpu: { id: string; count: number; minCudaVersion?: string }
  cloud: 'SECURE'
  /** GB, gone with the container. */
  disk: number
  mounts: { persistent: { size: number; path: string } }
  args: string
  env: Record<string, string>
}
