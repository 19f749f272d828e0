import { z } from 'zod'
import type { Job } from '#lib/training/job.types.ts'
import { deployOptions } from '#lib/training/launchers/deploy-requests.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'

/** What the form holds of each provider's own fields. No machine chosen means: the cheapest that fits. */
const machines = z.array(z.string())
export const machineValuesSchema = z.object({
  runpod: z.object({
    machines,
    gpu_count: z.number(),
    docker_image: z.string(),
    volume_size_gb: z.number(),
  }),
  lambda: z.object({ machines, regions: z.string() }),
  sagemaker: z.object({
    machines,
    volume_size_gb: z.number(),
    use_spot_instances: z.boolean(),
    max_wait_minutes: z.number().nullable(),
    training_image_uri: z.string(),
  }),
  huggingface: z.object({ machines, docker_image: z.string() }),
  colab: z.object({ machines }),
  local: z.object({ machines }),
})
export type MachineValues = z.output<typeof machineValuesSchema>

const runpod = deployOptions.runpod.parse({})
const sagemaker = deployOptions.sagemaker.parse({})
const huggingface = deployOptions.huggingface.parse({})

export const firstMachineValues: MachineValues = {
  runpod: {
    machines: [],
    gpu_count: runpod.gpu_count,
    docker_image: runpod.docker_image,
    volume_size_gb: runpod.volume_size_gb,
  },
  lambda: { machines: [], regions: '' },
  sagemaker: {
    machines: [],
    volume_size_gb: sagemaker.volume_size_gb,
    use_spot_instances: sagemaker.use_spot_instances,
    max_wait_minutes: null,
    training_image_uri: '',
  },
  huggingface: { machines: [], docker_image: huggingface.docker_image },
  colab: { machines: [] },
  local: { machines: [] },
}

type Options = Record<string, unknown>

/** How a provider's fields travel between the form and the deploy call. */
interface Translation<Values> {
  /** `machines` as they are to be asked for, in this order; none leaves the choice to the server. */
  options(values: Values, machines: readonly string[]): Options
  /** The values of a job's options; fields that it does not name stay as the form begins. */
  values(options: Options): Partial<Values>
  /** The form's field for a field of the deploy call. */
  fields: Readonly<Record<string, keyof Values & string>>
}

const oneOrMany = (ids: readonly string[]) => (ids.length > 1 ? [...ids] : ids[0])
const present = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== ''))
const texts = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String))
const wordsOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

const translations: { [Provider in TrainingProvider]: Translation<MachineValues[Provider]> } = {
  runpod: {
    options: ({ machines: _, ...rest }, ids) => present({ gpu_type: oneOrMany(ids), ...rest }),
    values: ({ gpu_type, ...rest }) => ({ ...rest, machines: texts(gpu_type) }),
    fields: { gpu_type: 'machines' },
  },
  lambda: {
    options: ({ regions }, ids) =>
      present({ instance_type: oneOrMany(ids), region: oneOrMany(wordsOf(regions)) }),
    values: ({ instance_type, region }) => ({
      machines: texts(instance_type),
      regions: texts(region).join(', '),
    }),
    fields: { instance_type: 'machines', region: 'regions' },
  },
  sagemaker: {
    options: ({ machines: _, max_wait_minutes: wait, ...rest }, [id]) =>
      present({
        instance_type: id,
        ...rest,
        max_wait_seconds: rest.use_spot_instances && wait !== null ? wait * 60 : undefined,
      }),
    values: ({ instance_type, max_wait_seconds: wait, instance_count: _, ...rest }) => ({
      ...rest,
      machines: texts(instance_type),
      ...(typeof wait === 'number' ? { max_wait_minutes: Math.ceil(wait / 60) } : {}),
    }),
    fields: { instance_type: 'machines', max_wait_seconds: 'max_wait_minutes' },
  },
  huggingface: {
    options: ({ machines: _, ...rest }, [id]) => present({ flavor: id, ...rest }),
    values: ({ flavor, ...rest }) => ({ ...rest, machines: texts(flavor) }),
    fields: { flavor: 'machines' },
  },
  colab: {
    options: (_, [id]) => present({ gpu_type: id }),
    values: ({ gpu_type }) => ({ machines: texts(gpu_type) }),
    fields: { gpu_type: 'machines' },
  },
  local: { options: () => ({}), values: () => ({}), fields: {} },
}

/** A provider's own fields of the deploy call; `suggested` is taken where no machine was chosen. */
export function optionsOf<Provider extends TrainingProvider>(
  provider: Provider,
  values: MachineValues[Provider],
  suggested: string | null,
): Options {
  const translation: Translation<MachineValues[Provider]> = translations[provider]
  const chosen = values.machines.length > 0 ? values.machines : suggested === null ? [] : [suggested]
  return translation.options(values, chosen)
}

/** What an estimate has to know of the machine. */
export function estimatedMachine(provider: TrainingProvider, values: MachineValues) {
  const chosen = values[provider]
  return {
    machine: chosen.machines[0],
    machine_count: 'gpu_count' in chosen ? chosen.gpu_count : 1,
    spot: 'use_spot_instances' in chosen && chosen.use_spot_instances,
  }
}

/** The fields of a job that is run again. */
export function machineValuesOfJob({ provider, options }: Pick<Job, 'provider' | 'options'>): MachineValues {
  const known = { ...firstMachineValues[provider], ...translations[provider].values(options) }
  const parsed = machineValuesSchema.safeParse({ ...firstMachineValues, [provider]: known })
  return parsed.data ?? firstMachineValues
}

/** Where the form shows a field of the deploy call, such as `gpu_type.0`; null for one that is not a provider's own. */
export function machineFieldPath(provider: TrainingProvider, field: string): string | null {
  const [name = ''] = field.split('.')
  const known: Readonly<Record<string, string>> = translations[provider].fields
  const own = known[name] ?? (name in firstMachineValues[provider] ? name : null)
  return own && `machine.${provider}.${own}`
}

/** What is wrong with a provider's fields, by the rules of its deploy call. */
export function machineProblems(provider: TrainingProvider, values: MachineValues) {
  const parsed = deployOptions[provider].safeParse(optionsOf(provider, values[provider], null))
  return (parsed.error?.issues ?? []).flatMap(({ path, message }) => {
    const place = machineFieldPath(provider, path.join('.'))
    return place ? [{ path: place.split('.'), message }] : []
  })
}
