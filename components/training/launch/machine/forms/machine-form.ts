import { z } from 'zod'
import { formatCount } from '#lib/display/number-format.ts'

/** A provider's own fields of the deploy call. */
export type Options = Record<string, unknown>

/** The part of the launch form that is about one provider's machines. */
export interface MachineForm<Schema extends z.ZodObject> {
  /** What the form holds. No machine chosen means: the cheapest that fits. */
  values: Schema
  first: z.output<Schema>
  /** `machines` as they are to be asked for, in this order; none leaves the choice to the server. */
  toOptions(values: z.output<Schema>, machines: readonly string[]): Options
  /** The values of a job's options; fields that it does not name stay as the form begins. */
  fromOptions(options: Options): Partial<z.output<Schema>>
  /** The form's field for a field of the deploy call, where their names differ. */
  shownAs: Readonly<Record<string, keyof z.output<Schema> & string>>
  /** Gigabytes of the disk that holds the model and the data, where every machine has as much as a person says. */
  volumeGb?(values: z.output<Schema>): number
  words: MachineWords<keyof z.output<Schema> & string>
}

/** The fields in plain words. */
export interface MachineWords<Name extends string = string> {
  /** What the provider calls a kind of machine. */
  machine: string
  /** How many may be named, to be tried one after the other. */
  candidatesMax: number
  /** How its time is paid, and what happens where there is no room. */
  about: string
  /** Stands beside the list, since the price depends on it. */
  count: FieldWords<Name> | null
  fields: readonly FieldWords<Name>[]
}

export type FieldWords<Name extends string = string> = { name: Name; label: string; about: string } & (
  | {
      kind: 'number'
      /** May be left empty. */
      optional: boolean
      step: number | 'any'
      min: number
      max: number
      bounds: string
    }
  | { kind: 'text'; placeholder: string }
  | { kind: 'switch' }
)

export const machineForm = <Schema extends z.ZodObject>(form: MachineForm<Schema>) => form

export const machines = z.array(z.string())

export const whole = (min: number, max: number) => ({
  kind: 'number' as const,
  optional: false,
  step: 1 as const,
  min,
  max,
  bounds: `From ${formatCount(min)} to ${formatCount(max)}.`,
})

export const oneOrMany = (ids: readonly string[]) => (ids.length > 1 ? [...ids] : ids[0])
export const present = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== ''))
export const texts = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String))
