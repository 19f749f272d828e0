import { z } from 'zod'

/** Limits of CreateTrainingJob that a person can run into; the rest are kept by the mapper. */
export const imageUriCharactersMax = 255
/** 28 days. */
export const stoppingSecondsMax = 2_419_200

/** SageMaker's own fields of the deploy call. */
export const deployOptionsSchema = z.object({
  instance_type: z
    .string()
    .trim()
    .max(64)
    .regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'A SageMaker instance type, such as ml.g5.xlarge')
    .default('ml.g5.xlarge'),
  instance_count: z
    .number()
    .int()
    .min(1)
    .max(1, 'The runner trains on one instance: choose an instance type with more GPUs')
    .default(1),
  /** Disk of the instance in GB, where the type brings none of its own. */
  volume_size_gb: z.number().int().min(10).max(16_384).default(100),
  use_spot_instances: z.boolean().default(false),
  /** With spot only: the longest that waiting and training may take together. */
  max_wait_seconds: z
    .number()
    .int()
    .min(60)
    .max(stoppingSecondsMax, 'At most 28 days (2,419,200 s)')
    .optional(),
  /** An ECR image in the job's region; without one, Hugging Face's training image for that region. */
  training_image_uri: z
    .string()
    .trim()
    .min(1)
    .max(imageUriCharactersMax, `SageMaker takes at most ${imageUriCharactersMax} characters`)
    .optional(),
})
export type SageMakerOptions = z.infer<typeof deployOptionsSchema>
