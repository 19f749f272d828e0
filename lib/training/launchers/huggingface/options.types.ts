import { z } from 'zod'

/** Hugging Face Jobs' own fields of the deploy call. */
export const deployOptionsSchema = z.object({
  /** A name of the list of hardware, such as l4x1. */
  flavor: z
    .string()
    .trim()
    .max(64)
    .regex(/^[a-z0-9-]+$/, 'A flavor such as l4x1')
    .default('l4x1'),
  docker_image: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[\w.\-/:@]+$/, 'An image reference such as pytorch/pytorch:2.8.0-cuda12.8-cudnn9-devel')
    .default('pytorch/pytorch:2.8.0-cuda12.8-cudnn9-devel'),
})
export type HuggingFaceOptions = z.infer<typeof deployOptionsSchema>
