import { z } from 'zod'

export const colabGpus = ['T4', 'L4', 'A100', 'H100'] as const

/** Colab's own fields of the deploy call. */
export const deployOptionsSchema = z.object({
  /** Which GPU the notebook asks for when it is opened: a wish, which Colab and the person's plan decide on. */
  gpu_type: z.enum(colabGpus).default('T4'),
})
