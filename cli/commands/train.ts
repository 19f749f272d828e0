import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { deployTraining } from '#lib/client/jobs.ts'
import { createTrainingConfig, getTrainingConfig, listTrainingConfigs } from '#lib/client/training-configs.ts'
import { invalid, notFound } from '#lib/errors/app-error.ts'
import {
  type TrainingConfig,
  type TrainingConfigInput,
  trainers,
  trainingMethods,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { findDataset } from '../find-dataset.ts'
import type { Action, Run } from '../program.ts'
import { positiveNumber, wholeNumber } from './arguments.ts'
import { followLogs } from './logs.ts'

interface TrainOptions {
  config?: string
  provider: (typeof trainingProviders)[number]
  model?: string
  method: (typeof trainingMethods)[number]
  trainer: (typeof trainers)[number]
  name?: string
  epochs?: number
  learningRate?: number
  maxSteps?: number
  set: string[]
  maxRuntime?: number
  allowCrossStorage?: boolean
  follow?: boolean
}

export function addTrain(program: Command, run: Run): void {
  program
    .command('train')
    .description('start a training, from a stored configuration or from these options')
    .argument('[dataset]', 'id or name of the dataset; without it those of the configuration')
    .option('--config <config>', 'id or name of a stored configuration')
    .addOption(
      new Option('--provider <provider>', 'where it runs').choices(trainingProviders).default('local'),
    )
    .option('--model <model>', 'base model, such as Qwen/Qwen2.5-0.5B')
    .addOption(new Option('--method <method>', 'how it learns').choices(trainingMethods).default('sft'))
    .addOption(new Option('--trainer <trainer>', 'with what').choices(trainers).default('trl'))
    .option('--name <name>', 'name of the training')
    .option('--epochs <count>', 'times through the data', positiveNumber)
    .option('--learning-rate <rate>', 'size of a step', positiveNumber)
    .option('--max-steps <count>', 'stop after so many steps', wholeNumber(1))
    .option(
      '--set <field=value>',
      'any other field of the provider, such as gpu_type=... (repeatable)',
      collect,
      [],
    )
    .option('--max-runtime <seconds>', 'stop after so long', wholeNumber(60))
    .option('--allow-cross-storage', "read a dataset that is not in the provider's own store")
    .option('-f, --follow', 'print the log until the job ends')
    .action(run(train))
}

const collect = (value: string, before: string[]): string[] => [...before, value]

const train: Action<[string | undefined], TrainOptions> = async (context, options, datasetName) => {
  const { output, signal } = context
  const api = await context.api()
  const dataset = datasetName === undefined ? null : await findDataset(api, datasetName, signal)
  const config = options.config
    ? await findConfig(api, options.config, signal)
    : await createTrainingConfig(api, configOf(options, dataset))
  const provider = options.config ? config.provider : options.provider
  const { job_id, status, job } = await deployTraining(
    api,
    provider,
    {
      ...fieldsOf(options.set),
      training_config_id: config.id,
      ...(dataset ? { dataset_id: dataset.id } : {}),
      ...(options.name ? { name: options.name } : {}),
      ...(options.maxRuntime ? { max_runtime_seconds: options.maxRuntime } : {}),
      allow_cross_storage: options.allowCrossStorage === true,
    },
    { idempotencyKey: crypto.randomUUID() },
  )
  if (!options.follow) {
    output.result(
      { job_id, status, job },
      `Job ${job_id} is ${status}. Follow it with: finetunelab logs -f ${job_id}`,
    )
    return
  }
  output.note(`Job ${job_id} is ${status}.`)
  await followLogs(context, api, job_id)
}

function configOf(options: TrainOptions, dataset: { id: string; name: string } | null): TrainingConfigInput {
  if (!dataset)
    throw invalid(
      'dataset_missing',
      'Name a dataset or a configuration',
      'finetunelab train DATASET --model MODEL, or --config NAME',
    )
  if (!options.model && options.trainer !== 'smoke')
    throw invalid(
      'model_missing',
      'Name the model to start from',
      'Add --model, such as --model Qwen/Qwen2.5-0.5B.',
    )
  const { epochs, learningRate, maxSteps } = options
  return {
    name: options.name ?? `${dataset.name.slice(0, 150)} (${options.method})`,
    provider: options.provider,
    base_model: options.model ?? 'smoke/byte-level',
    method: options.method,
    trainer: options.trainer,
    hyperparameters: {
      ...(epochs === undefined ? {} : { epochs }),
      ...(learningRate === undefined ? {} : { learning_rate: learningRate }),
      ...(maxSteps === undefined ? {} : { max_steps: maxSteps }),
    },
    datasets: [{ dataset_id: dataset.id }],
  }
}

async function findConfig(
  api: ApiConnection,
  idOrName: string,
  signal: AbortSignal,
): Promise<TrainingConfig> {
  if (z.uuid().safeParse(idOrName).success) return getTrainingConfig(api, idOrName, signal)
  const { configs } = await listTrainingConfigs(api, signal)
  const named = configs.filter(({ name }) => name === idOrName)
  if (named.length === 1) return named[0]!
  if (named.length > 1)
    throw invalid(
      'ambiguous_name',
      `${named.length} configurations have this name: give an id`,
      named.map(({ id }) => id),
    )
  throw notFound('config_not_found', `There is no configuration called "${idOrName}"`)
}

/** `a=1` is the number, `a=true` the truth value, everything else text. */
function fieldsOf(pairs: string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null)
  for (const pair of pairs) {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || value === undefined)
      throw invalid('invalid_field', 'A field is written as name=value', `"${pair}" is not.`)
    const isJson = /^(-?\d+(\.\d+)?|true|false|null|[[{].*)$/s.test(value)
    fields[name] = isJson ? parsed(value) : value
  }
  return fields
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
