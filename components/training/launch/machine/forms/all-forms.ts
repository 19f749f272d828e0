import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { colab } from './colab.ts'
import { huggingface } from './huggingface.ts'
import { lambda } from './lambda.ts'
import { local } from './local.ts'
import { runpod } from './runpod.ts'
import { sagemaker } from './sagemaker.ts'

export const machineForms = {
  runpod,
  lambda,
  sagemaker,
  huggingface,
  colab,
  local,
} as const satisfies Record<TrainingProvider, unknown>
