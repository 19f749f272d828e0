import { z } from 'zod'
import {
  deployOptionsSchema,
  gpuCandidatesMax,
  volumeGbMax,
  volumeGbMin,
} from '#lib/training/launchers/runpod/options.types.ts'
import { machineForm, machines, oneOrMany, present, texts, whole } from './machine-form.ts'

const { gpu_count, docker_image, volume_size_gb } = deployOptionsSchema.parse({})

export const runpod = machineForm({
  values: z.object({
    machines,
    gpu_count: z.number(),
    docker_image: z.string(),
    volume_size_gb: z.number(),
  }),
  first: { machines: [], gpu_count, docker_image, volume_size_gb },
  toOptions: ({ machines: _, ...rest }, ids) => present({ gpu_type: oneOrMany(ids), ...rest }),
  fromOptions: ({ gpu_type, ...rest }) => ({ ...rest, machines: texts(gpu_type) }),
  shownAs: { gpu_type: 'machines' },
  volumeGb: (values) => values.volume_size_gb,
  words: {
    machine: 'GPU',
    candidatesMax: gpuCandidatesMax,
    about: 'Secure cloud, billed by the second on your RunPod account.',
    count: {
      ...whole(1, 8),
      name: 'gpu_count',
      label: 'GPUs',
      about: 'In one pod. Each costs its price.',
    },
    fields: [
      {
        ...whole(volumeGbMin, volumeGbMax),
        name: 'volume_size_gb',
        label: 'Volume size',
        about: 'In GB. Holds data, checkpoints and the result, and outlives a restart of the container.',
      },
      {
        kind: 'text',
        name: 'docker_image',
        label: 'Docker image',
        about: 'Needs Python 3.9 or later. What the trainer lacks is installed at the start.',
        placeholder: '',
      },
    ],
  },
})
