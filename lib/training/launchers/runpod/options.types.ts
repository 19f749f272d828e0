import { z } from 'zod'

export const gpuCandidatesMax = 10
/** The floor is RunPod's own. */
export const volumeGbMin = 10
export const volumeGbMax = 4000

const gpuId = z.string().trim().min(1).max(100)

/** RunPod's own fields of the deploy call. */
export const deployOptionsSchema = z.object({
  /** GPU ids of RunPod's catalogue; of several, the first that has room is taken. */
  gpu_type: z
    .union([gpuId, z.array(gpuId).min(1).max(gpuCandidatesMax)])
    .default(['NVIDIA GeForce RTX 4090', 'NVIDIA RTX A6000', 'NVIDIA L40S']),
  gpu_count: z.number().int().min(1).max(8).default(1),
  docker_image: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[\w.\-/:@]+$/, 'An image reference such as pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime')
    .default('pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime'),
  /** Disk in GB that outlives a restart of the container: datasets, checkpoints, the result. */
  volume_size_gb: z.number().int().min(volumeGbMin).max(volumeGbMax).default(50),
})
export type RunPodOptions = z.infer<typeof deployOptionsSchema>
