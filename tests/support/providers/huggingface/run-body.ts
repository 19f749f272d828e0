import { z } from 'zod'

const label = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_-]+$/)

/** What `huggingface_hub` sends to run a job; the Hub refuses what it does not know. */
export const runBodySchema = z
  .strictObject({
    dockerImage: z.string().min(1).optional(),
    spaceId: z.string().min(1).optional(),
    command: z.array(z.string()).min(1),
    arguments: z.array(z.string()),
    environment: z.record(z.string(), z.string()).default({}),
    secrets: z.record(z.string(), z.string()).optional(),
    flavor: z.string(),
    timeoutSeconds: z.int().min(1).optional(),
    attempts: z.int().min(1).optional(),
    arch: z.enum(['amd64', 'arm64']).optional(),
    labels: z.record(label, label).optional(),
    volumes: z
      .array(z.looseObject({ type: z.string(), source: z.string(), mountPath: z.string() }))
      .optional(),
  })
  .refine((body) => Boolean(body.dockerImage) !== Boolean(body.spaceId), {
    message: 'Exactly one of dockerImage and spaceId is required',
  })
export type RunBody = z.output<typeof runBodySchema>
