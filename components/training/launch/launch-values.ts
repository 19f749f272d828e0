import { z } from 'zod'
import { judge } from '#lib/training/compatibility.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import type { Job } from '#lib/training/job.types.ts'
import {
  configDatasetSchema,
  defaultHyperparameters,
  type TrainingConfig,
  trainingConfigInputSchema,
  trainingMethods,
  trainingProviders,
} from '#lib/training/training-config.types.ts'

/** The whole form: a config, and what only this launch is told. */
export const launchSchema = trainingConfigInputSchema.safeExtend({
  datasets: z.array(configDatasetSchema).min(1, 'Choose a dataset').max(20, 'At most 20 datasets'),
  allow_cross_storage: z.boolean(),
  max_runtime_minutes: z.number().int().min(1).max(40_320).nullable(),
})
export type LaunchInput = z.input<typeof launchSchema>
export type LaunchValues = z.output<typeof launchSchema>

/** This machine is asked before any that costs money. */
const readersFirst = ['local', ...trainingProviders] as const

const suggestedModel = 'Qwen/Qwen2.5-0.5B-Instruct'

export const firstValues: LaunchInput = {
  name: '',
  description: null,
  provider: 'local',
  base_model: suggestedModel,
  method: 'sft',
  trainer: 'smoke',
  hyperparameters: defaultHyperparameters,
  datasets: [],
  allow_cross_storage: false,
  max_runtime_minutes: null,
}

export function valuesOfConfig(config: TrainingConfig): LaunchInput {
  const { name, description, provider, base_model, method, trainer, hyperparameters, datasets } = config
  return {
    ...firstValues,
    name,
    description,
    provider,
    base_model,
    method,
    trainer,
    hyperparameters,
    datasets,
  }
}

/** The first provider that may read a dataset, and the first method that learns from its shape. */
export function valuesOfDataset(dataset: Dataset): LaunchInput {
  const question = { dataset, allowCrossStorage: false }
  const method = trainingMethods.find((one) => judge({ ...question, method: one, provider: null }).selectable)
  const provider = readersFirst.find((one) => judge({ ...question, method: null, provider: one }).selectable)
  return {
    ...firstValues,
    method: method ?? firstValues.method,
    provider: provider ?? firstValues.provider,
    datasets: [{ dataset_id: dataset.id, weight: 1 }],
  }
}

/** What a job was told, with a name of its own; datasets that were deleted since are gone. */
export function valuesOfJob(job: Job): LaunchInput {
  return {
    ...valuesOfConfig(job.config),
    name: nextName(job.name),
    datasets: job.datasets.flatMap(({ dataset_id, weight }) => (dataset_id ? [{ dataset_id, weight }] : [])),
    max_runtime_minutes: job.max_runtime_seconds === null ? null : Math.ceil(job.max_runtime_seconds / 60),
  }
}

/** "Run" -> "Run 2" -> "Run 3". */
export function nextName(name: string): string {
  const numbered = /^(.*\S) (\d{1,4})$/su.exec(name)
  const next = numbered ? `${numbered[1]} ${Number(numbered[2]) + 1}` : `${name} 2`
  return [...next].length > 200 ? name : next
}

/** The config in the form's values, as the API takes it. */
export function configOf(values: LaunchValues) {
  const { allow_cross_storage: _consent, max_runtime_minutes: _limit, ...config } = values
  return config
}
