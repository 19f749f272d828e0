import type { TrainingProvider } from '#lib/training/training-config.types.ts'

/** What a provider calls what is rented. */
export const machineWords = {
  runpod: 'pod',
  lambda: 'instance',
  sagemaker: 'training job',
  huggingface: 'job',
  colab: 'notebook',
  local: 'process',
} as const satisfies Record<TrainingProvider, string>

const gone = (label: string) =>
  `Its link and its token are taken back at once. It counts as cancelled when ${label} has verified that nothing of it runs; until then it costs.`

/** What cancelling does, before it is done. */
export const cancelWords = {
  runpod: `The pod is terminated, and its disk with it: what was not stored elsewhere is lost. ${gone('RunPod')}`,
  lambda: `The instance is terminated, and its disk with it: what was not stored elsewhere is lost. ${gone('Lambda')}`,
  sagemaker: `SageMaker stops the training, which has two minutes to save a checkpoint to your bucket. ${gone('SageMaker')}`,
  huggingface: `The job at Hugging Face is stopped: what was not pushed to a repository or to us is lost. ${gone('Hugging Face')}`,
  colab:
    'The notebook is told to stop with its next report, and its token is dead at once. Its runtime at Colab stays until you disconnect it there.',
  local:
    'The training process is stopped, with everything that it started. The trainer is given a moment to save what it has learned.',
} as const satisfies Record<TrainingProvider, string>
