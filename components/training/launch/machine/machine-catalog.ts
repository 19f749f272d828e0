import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { machineForms } from './forms/all-forms.ts'
import type { FieldWords, MachineWords } from './forms/machine-form.ts'
import type { MachineValues } from './machine-values.ts'

/** The places in the launch form of the fields of this type. */
type PathTo<Type> = {
  [Id in TrainingProvider]: {
    [Name in keyof MachineValues[Id] & string]: MachineValues[Id][Name] extends Type
      ? `machine.${Id}.${Name}`
      : never
  }[keyof MachineValues[Id] & string]
}[TrainingProvider]

export type MachineSwitchPath = PathTo<boolean>

export type MachineField =
  | (Extract<FieldWords, { kind: 'number' }> & { path: PathTo<number | null> })
  | (Extract<FieldWords, { kind: 'text' }> & { path: PathTo<string> })
  | (Extract<FieldWords, { kind: 'switch' }> & { path: MachineSwitchPath })

/** What the form says of a provider's machines, each field with its place in the form. */
export function machineWordsOf(provider: TrainingProvider) {
  const words: MachineWords = machineForms[provider].words
  const placed = (field: FieldWords) =>
    ({ ...field, path: `machine.${provider}.${field.name}` }) as MachineField
  return { ...words, count: words.count && placed(words.count), fields: words.fields.map(placed) }
}
