import type { Path } from 'react-hook-form'
import { formatCount } from '#lib/display/number-format.ts'
import { candidatesMax } from '#lib/training/launchers/lambda/options.types.ts'
import { gpuCandidatesMax, volumeGbMax, volumeGbMin } from '#lib/training/launchers/runpod/options.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { NumberField } from '../hyperparameter-catalog.ts'
import type { LaunchInput } from '../launch-values.ts'

interface NamedField {
  path: Path<LaunchInput> & `machine.${string}`
  label: string
  about: string
}
export type MachineField =
  | ({ kind: 'number' } & Omit<NumberField, 'path'> & NamedField)
  | ({ kind: 'text'; placeholder: string } & NamedField)
  | { kind: 'switch'; path: 'machine.sagemaker.use_spot_instances'; label: string; about: string }

interface MachineWords {
  /** What the provider calls a kind of machine. */
  machine: string
  /** How many may be named, to be tried one after the other. */
  candidatesMax: number
  /** How its time is paid, and what happens where there is no room. */
  about: string
  /** Stands beside the list, since the price depends on it. */
  count: MachineField | null
  fields: readonly MachineField[]
}

const whole = (min: number, max: number) => ({
  kind: 'number' as const,
  optional: false,
  step: 1 as const,
  min,
  max,
  bounds: `From ${formatCount(min)} to ${formatCount(max)}.`,
})

/** The fields of each provider's own, in plain words. */
export const machineCatalog = {
  runpod: {
    machine: 'GPU',
    candidatesMax: gpuCandidatesMax,
    about: 'Secure cloud, billed by the second on your RunPod account.',
    count: {
      ...whole(1, 8),
      path: 'machine.runpod.gpu_count',
      label: 'GPUs',
      about: 'In one pod. Each costs its price.',
    },
    fields: [
      {
        ...whole(volumeGbMin, volumeGbMax),
        path: 'machine.runpod.volume_size_gb',
        label: 'Volume size',
        about: 'In GB. Holds data, checkpoints and the result, and outlives a restart of the container.',
      },
      {
        kind: 'text',
        path: 'machine.runpod.docker_image',
        label: 'Docker image',
        about: 'Needs Python 3.9 or later. What the trainer lacks is installed at the start.',
        placeholder: '',
      },
    ],
  },
  lambda: {
    machine: 'Instance type',
    candidatesMax,
    about: 'Billed by the minute on your Lambda account, from the boot until it is terminated.',
    count: null,
    fields: [
      {
        kind: 'text',
        path: 'machine.lambda.regions',
        label: 'Regions',
        about: 'In the order in which they are tried, with commas between. Empty: every region with room.',
        placeholder: 'us-east-1, us-west-2',
      },
    ],
  },
  sagemaker: {
    machine: 'Instance type',
    candidatesMax: 1,
    about:
      'One instance, in the region of your AWS secret and as the role that it names. Your account needs a quota for the type.',
    count: null,
    fields: [
      {
        kind: 'switch',
        path: 'machine.sagemaker.use_spot_instances',
        label: 'Spot instances',
        about:
          'Up to 70 % cheaper. AWS may take the instance away; the training goes on from its checkpoint.',
      },
      {
        kind: 'number',
        path: 'machine.sagemaker.max_wait_minutes',
        label: 'Longest wait',
        about: 'In minutes, with spot: waiting and training together. Empty: twice the longest runtime.',
        optional: true,
        step: 1,
        min: 1,
        max: 40_320,
        bounds: 'From 1 to 40,320.',
      },
      {
        ...whole(10, 16_384),
        path: 'machine.sagemaker.volume_size_gb',
        label: 'Volume size',
        about: 'In GB, where the type brings no disk of its own.',
      },
      {
        kind: 'text',
        path: 'machine.sagemaker.training_image_uri',
        label: 'Training image',
        about: "An ECR image in the job's region. Empty: Hugging Face's training image for that region.",
        placeholder: '123456789012.dkr.ecr.us-east-1.amazonaws.com/name:tag',
      },
    ],
  },
  huggingface: {
    machine: 'Flavor',
    candidatesMax: 1,
    about: 'Billed by the minute on your Hugging Face account. Jobs need a paid plan or credits there.',
    count: null,
    fields: [
      {
        kind: 'text',
        path: 'machine.huggingface.docker_image',
        label: 'Docker image',
        about: 'Needs Python 3.9 or later. What the trainer lacks is installed at the start.',
        placeholder: '',
      },
    ],
  },
  colab: {
    machine: 'GPU',
    candidatesMax: 1,
    about:
      'What the notebook asks for when you open it. Colab and your plan there decide; compute units are paid at Google.',
    count: null,
    fields: [],
  },
  local: { machine: '', candidatesMax: 0, about: '', count: null, fields: [] },
} as const satisfies Record<TrainingProvider, MachineWords>

export function machineWordsOf(provider: TrainingProvider): MachineWords {
  return machineCatalog[provider]
}
