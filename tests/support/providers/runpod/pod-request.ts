import { z } from 'zod'

/** CreatePodRequest of the API's own document, strictly: what it does not name is refused. */
const persistent = z.strictObject({ size: z.int().min(10), path: z.string() })
const network = z.strictObject({ volumeId: z.string(), path: z.string() })
const cudaVersion = z.string().regex(/^\d+\.\d+$/)

export const createPodSchema = z.strictObject({
  name: z.string().min(1),
  image: z.string().optional(),
  args: z.string().optional(),
  disk: z.int().min(1).optional(),
  env: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  registry: z.string().nullable().optional(),
  cloud: z.enum(['SECURE', 'COMMUNITY']).optional(),
  gpu: z
    .strictObject({
      id: z.string(),
      count: z.int().min(1).optional(),
      allowedCudaVersions: z.array(cudaVersion).optional(),
      minCudaVersion: cudaVersion.optional(),
    })
    .optional(),
  cpu: z.strictObject({ id: z.string(), vcpuCount: z.int().min(2) }).optional(),
  dataCenterIds: z.array(z.string()).optional(),
  globalNetworking: z.boolean().optional(),
  mounts: z
    .strictObject({ persistent: persistent.optional(), network: z.array(network).max(1).optional() })
    .optional(),
  startJupyter: z.boolean().optional(),
  startSsh: z.boolean().optional(),
  templateId: z.string().optional(),
})
export type CreatePodBody = z.output<typeof createPodSchema>

/** Violations as the API words them. */
export function violations(body: unknown): string[] {
  const parsed = createPodSchema.safeParse(body)
  if (parsed.success) return []
  return parsed.error.issues.map((issue) => {
    const at = ['$', ...issue.path].join('.')
    return issue.code === 'unrecognized_keys'
      ? `${at}: additional properties ${issue.keys.map((key) => `'${key}'`).join(', ')} not allowed`
      : `${at}: ${issue.message}`
  })
}

/** The rules across fields that the handler keeps, each answered with 400. */
export function brokenRule(body: CreatePodBody): string | null {
  if (Boolean(body.gpu) === Boolean(body.cpu)) return 'Exactly one of gpu or cpu must be set.'
  if (!body.image && !body.templateId) return 'image is required unless templateId is set.'
  if (body.mounts?.persistent && body.mounts.network?.length)
    return 'mounts.persistent and mounts.network are mutually exclusive.'
  if (body.gpu?.minCudaVersion && body.gpu.allowedCudaVersions?.length)
    return 'minCudaVersion and a non-empty allowedCudaVersions are mutually exclusive.'
  if (Object.keys(body.env ?? {}).length > 50) return 'env must not have more than 50 variables.'
  return null
}
