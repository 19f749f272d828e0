/**
 * What Lambda's Cloud API says (OpenAPI 1.10.0, https://cloud.lambda.ai/api/v1/openapi.json), as far as it is used here.
 * `jupyter_token` and `jupyter_url` are live secrets of an instance: they are not read at all.
 */
import { z } from 'zod'

export const instanceStatuses = [
  'booting',
  'active',
  'unhealthy',
  'terminating',
  'terminated',
  'preempted',
] as const

const regionSchema = z.object({ name: z.string() })

const instanceTypeSchema = z.object({
  name: z.string(),
  description: z.string(),
  gpu_description: z.string(),
  price_cents_per_hour: z.number(),
  specs: z.object({ gpus: z.number().int() }),
})

export const instanceSchema = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  /** Absent until late in the boot. */
  ip: z.string().nullish(),
  /** One that is not in the list is one that we do not know yet, not a broken answer. */
  status: z.enum(instanceStatuses).catch('active'),
  region: regionSchema.nullish(),
  instance_type: instanceTypeSchema.pick({ name: true, price_cents_per_hour: true }).nullish(),
})
export type Instance = z.infer<typeof instanceSchema>

export const instanceListSchema = z.object({ data: z.array(instanceSchema) })
export const oneInstanceSchema = z.object({ data: instanceSchema })

export const launchedSchema = z.object({
  data: z.object({ instance_ids: z.array(z.string().min(1)).min(1) }),
})
export const terminatedSchema = z.object({ data: z.object({ terminated_instances: z.array(z.unknown()) }) })

const instanceTypeItemSchema = z.object({
  instance_type: instanceTypeSchema,
  regions_with_capacity_available: z.array(regionSchema),
})
export type InstanceTypeItem = z.infer<typeof instanceTypeItemSchema>
export const instanceTypesSchema = z.object({ data: z.record(z.string(), instanceTypeItemSchema) })

export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().default(''),
    suggestion: z.string().nullish(),
  }),
})

export interface LaunchInstance {
  region_name: string
  instance_type_name: string
  /** Exactly one, which exists already. */
  ssh_key_names: [string]
  name: string
  user_data: string
}
