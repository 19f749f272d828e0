import { z } from 'zod'
import type { Job } from '#lib/training/job.types.ts'
import { deployOptions } from '#lib/training/launchers/deploy-requests.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { machineForms } from './forms/all-forms.ts'
import type { MachineForm, Options } from './forms/machine-form.ts'

type Forms = typeof machineForms

function ofEachForm<Part extends keyof MachineForm<z.ZodObject>>(part: Part) {
  const entries = Object.entries(machineForms).map(([provider, form]) => [provider, form[part]])
  return Object.fromEntries(entries) as { [Id in TrainingProvider]: Forms[Id][Part] }
}

/** What the form holds of each provider's own fields. */
export const machineValuesSchema = z.object(ofEachForm('values'))
export type MachineValues = z.output<typeof machineValuesSchema>

export const firstMachineValues: MachineValues = ofEachForm('first')

/** How the values of one provider travel; which one it is, is told by the values. */
const formOf = (provider: TrainingProvider) => machineForms[provider] as unknown as MachineForm<z.ZodObject>

/** A provider's own fields of the deploy call; `suggested` is taken where no machine was chosen. */
export function optionsOf<Provider extends TrainingProvider>(
  provider: Provider,
  values: MachineValues[Provider],
  suggested: string | null,
): Options {
  const chosen = values.machines.length > 0 ? values.machines : suggested === null ? [] : [suggested]
  return formOf(provider).toOptions(values, chosen)
}

/** What an estimate has to know of the machine. */
export function estimatedMachine(provider: TrainingProvider, values: MachineValues) {
  const chosen = values[provider]
  return {
    machine: chosen.machines[0],
    machine_count: 'gpu_count' in chosen ? chosen.gpu_count : 1,
    volume_size_gb: formOf(provider).volumeGb?.(chosen),
    spot: 'use_spot_instances' in chosen && chosen.use_spot_instances,
  }
}

/** The fields of a job that is run again. */
export function machineValuesOfJob({ provider, options }: Pick<Job, 'provider' | 'options'>): MachineValues {
  const known = { ...firstMachineValues[provider], ...formOf(provider).fromOptions(options) }
  const parsed = machineValuesSchema.safeParse({ ...firstMachineValues, [provider]: known })
  return parsed.data ?? firstMachineValues
}

/** Where the form shows a field of the deploy call, such as `gpu_type.0`; null for one that is not a provider's own. */
export function machineFieldPath(provider: TrainingProvider, field: string): string | null {
  const [name = ''] = field.split('.')
  const own = formOf(provider).shownAs[name] ?? (name in firstMachineValues[provider] ? name : null)
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
