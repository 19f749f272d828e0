import { z } from 'zod'
import { judge } from '#lib/training/compatibility.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { variableSchema } from '#lib/training/environment-variables.types.ts'
import type { Job } from '#lib/training/job.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import {
  configDatasetSchema,
  defaultHyperparameters,
  type TrainingConfig,
  type TrainingConfigInput,
  type TrainingProvider,
  trainingConfigInputSchema,
  trainingMethods,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import {
  firstMachineValues,
  machineProblems,
  machineValuesOfJob,
  machineValuesSchema,
  optionsOf,
} from './machine/machine-values.ts'
import {
  firstResultValues,
  resultProblems,
  resultValuesSchema,
  storeOfResult,
  variablesOfResult,
} from './result/result-values.ts'
import { isFilled, variableProblems } from './run/environment-lines.ts'

const wholeMinutes = 'Use a whole number of minutes, from 1 to 40,320.'
const budgetBounds = 'Use an amount above 0, at most 1,000,000.'

/** The whole form: a config, and what only this launch is told. */
export const launchSchema = trainingConfigInputSchema
  .safeExtend({
    datasets: z.array(configDatasetSchema).min(1, 'Choose a dataset').max(20, 'At most 20 datasets'),
    machine: machineValuesSchema,
    result: resultValuesSchema,
    allow_cross_storage: z.boolean(),
    detached: z.boolean(),
    /** USD; the training ends when its machine has cost so much. */
    budget_limit: z.number(budgetBounds).positive(budgetBounds).max(1_000_000, budgetBounds).nullable(),
    max_runtime_minutes: z
      .number(wholeMinutes)
      .int(wholeMinutes)
      .min(1, wholeMinutes)
      .max(40_320, wholeMinutes)
      .nullable(),
    environment: z.array(variableSchema),
  })
  .superRefine(({ provider, machine, result, environment }, context) => {
    const problems = [...machineProblems(provider, machine), ...variableProblems(environment)]
    if (keepsWithUs(provider))
      problems.push(
        ...resultProblems(
          result,
          environment.map(({ name }) => name),
        ),
      )
    for (const { path, message } of problems) context.addIssue({ code: 'custom', path, message })
  })
export type LaunchInput = z.input<typeof launchSchema>
export type LaunchValues = z.output<typeof launchSchema>

/** A result that the provider keeps itself goes nowhere else. */
const keepsWithUs = (provider: TrainingProvider) => capabilitiesOf(provider).results === 'ours'

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
  machine: firstMachineValues,
  result: firstResultValues,
  allow_cross_storage: false,
  detached: false,
  budget_limit: null,
  max_runtime_minutes: null,
  environment: [],
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
  // A first guess: where a training at S3 would run, the server knows, and says of each dataset whether it can be read.
  const question = { dataset, allowCrossStorage: false, s3Reader: { region: null, anyAddress: true } }
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
    machine: machineValuesOfJob(job),
    result: { ...firstResultValues, place: job.artifact_storage_provider ?? '' },
    allow_cross_storage: job.allow_cross_storage,
    detached: job.detached,
    budget_limit: job.cost.budget_limit,
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
export function configOf(values: LaunchValues): TrainingConfigInput {
  const { name, description, provider, base_model, method, trainer, hyperparameters, datasets } = values
  return { name, description, provider, base_model, method, trainer, hyperparameters, datasets }
}

/** What the deploy call takes beside the config. `suggested` is the machine that the estimate chose. */
export function launchOf(values: LaunchValues, suggested: string | null) {
  const { provider, machine, name, allow_cross_storage, detached, budget_limit: budget } = values
  const { max_runtime_minutes: minutes, environment, result } = values
  const lines = environment.filter(isFilled).map((line) => [line.name, line.value])
  const ours = keepsWithUs(provider)
  const store = ours && !detached ? storeOfResult(result) : null
  const variables = { ...Object.fromEntries(lines), ...(ours ? variablesOfResult(result) : {}) }
  return {
    name,
    allow_cross_storage,
    ...optionsOf(provider, machine[provider], suggested),
    ...(detached ? { detached } : {}),
    ...(budget === null ? {} : { budget_limit: budget }),
    ...(minutes === null ? {} : { max_runtime_seconds: minutes * 60 }),
    ...(store ? { artifact_storage_provider: store } : {}),
    ...(Object.keys(variables).length > 0 ? { environment_variables: variables } : {}),
  }
}
