import { z } from 'zod'
import { deployOptionsSchema } from '#lib/training/launchers/sagemaker/options.types.ts'
import { machineForm, machines, present, texts, whole } from './machine-form.ts'

const { volume_size_gb, use_spot_instances } = deployOptionsSchema.parse({})

export const sagemaker = machineForm({
  values: z.object({
    machines,
    volume_size_gb: z.number(),
    use_spot_instances: z.boolean(),
    max_wait_minutes: z.number().nullable(),
    training_image_uri: z.string(),
  }),
  first: { machines: [], volume_size_gb, use_spot_instances, max_wait_minutes: null, training_image_uri: '' },
  toOptions: ({ machines: _, max_wait_minutes: wait, ...rest }, [id]) =>
    present({
      instance_type: id,
      ...rest,
      max_wait_seconds: rest.use_spot_instances && wait !== null ? wait * 60 : undefined,
    }),
  fromOptions: ({ instance_type, max_wait_seconds: wait, instance_count: _, ...rest }) => ({
    ...rest,
    machines: texts(instance_type),
    ...(typeof wait === 'number' ? { max_wait_minutes: Math.ceil(wait / 60) } : {}),
  }),
  shownAs: { instance_type: 'machines', max_wait_seconds: 'max_wait_minutes' },
  words: {
    machine: 'Instance type',
    candidatesMax: 1,
    about:
      'One instance, in the region of your AWS secret and as the role that it names. Your account needs a quota for the type.',
    count: null,
    fields: [
      {
        kind: 'switch',
        name: 'use_spot_instances',
        label: 'Spot instances',
        about:
          'Up to 70 % cheaper. AWS may take the instance away; the training goes on from its checkpoint.',
      },
      {
        ...whole(1, 40_320),
        optional: true,
        name: 'max_wait_minutes',
        label: 'Longest wait',
        about: 'In minutes, with spot: waiting and training together. Empty: twice the longest runtime.',
      },
      {
        ...whole(10, 16_384),
        name: 'volume_size_gb',
        label: 'Volume size',
        about: 'In GB, where the type brings no disk of its own.',
      },
      {
        kind: 'text',
        name: 'training_image_uri',
        label: 'Training image',
        about: "An ECR image in the job's region. Empty: Hugging Face's training image for that region.",
        placeholder: '123456789012.dkr.ecr.us-east-1.amazonaws.com/name:tag',
      },
    ],
  },
})
