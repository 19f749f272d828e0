import { z } from 'zod'
import { formatCount } from '#components/ui/number-format.ts'
import { type Hyperparameters, hyperparametersSchema } from '#lib/training/training-config.types.ts'

type NumberName = Exclude<keyof Hyperparameters, 'lora' | 'command' | 'chat_template'>
type LoraName = keyof NonNullable<Hyperparameters['lora']>
export type FieldPath = `hyperparameters.${NumberName}` | `hyperparameters.lora.${LoraName}`

export interface NumberField {
  path: FieldPath
  label: string
  about: string
  /** May be left empty. */
  optional: boolean
  step: number | 'any'
  min: number | undefined
  max: number | undefined
  bounds: string
}

const numberWords = {
  epochs: ['Epochs', 'How often every example is seen.'],
  learning_rate: [
    'Learning rate',
    'How far each step moves. Too high and it falls apart, too low and nothing happens.',
  ],
  batch_size: ['Batch size', 'Examples at once on the device. Lower it when memory runs out.'],
  gradient_accumulation_steps: [
    'Gradient accumulation steps',
    'Batches that are summed before a step. Makes a small batch behave like a large one.',
  ],
  max_seq_length: [
    'Longest sequence',
    'In tokens. Longer examples cost more memory; what does not fit is handled by the trainer.',
  ],
  warmup_ratio: ['Warm-up share', 'The share of all steps in which the learning rate rises from zero.'],
  weight_decay: ['Weight decay', 'Pulls weights towards zero, against learning by heart. Often 0.'],
  max_steps: ['Step limit', 'Stops after so many steps, whatever the epochs say. Empty: no limit.'],
  logging_steps: ['Log every', 'Steps between two points of the curves.'],
  seed: ['Seed', 'The same seed gives the same order of examples.'],
} as const satisfies Record<NumberName, readonly [string, string]>

const loraWords = {
  r: ['Rank', 'How much the adapter can learn. More rank, more memory.'],
  alpha: ['Alpha', 'How strongly the adapter acts; often twice the rank.'],
  dropout: ['Dropout', 'The share of the adapter that is left out at random while it learns.'],
} as const satisfies Record<LoraName, readonly [string, string]>

interface NumberSchema {
  type?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  anyOf?: NumberSchema[]
  properties?: Record<string, NumberSchema>
}

const described = z.toJSONSchema(hyperparametersSchema, { io: 'input' }) as NumberSchema
const loraDescribed = described.properties?.lora?.anyOf?.find((option) => option.type === 'object')

function fieldOf(
  path: FieldPath,
  [label, about]: readonly [string, string],
  schema: NumberSchema = {},
): NumberField {
  const optional = schema.anyOf?.some((option) => option.type === 'null') ?? false
  const number = schema.anyOf?.find((option) => option.type !== 'null') ?? schema
  return {
    path,
    label,
    about,
    optional,
    step: number.type === 'integer' ? 1 : 'any',
    min: number.minimum,
    max: number.maximum,
    bounds: boundsWords(number),
  }
}

function boundsWords({ minimum, exclusiveMinimum, maximum }: NumberSchema): string {
  const most = maximum === undefined ? '' : formatBound(maximum)
  if (exclusiveMinimum !== undefined) return `Above ${exclusiveMinimum}, at most ${most}.`
  return `From ${formatBound(minimum ?? 0)} to ${most}.`
}

function formatBound(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(value)
}

/** Every number that can be set, with the bounds that the schema states. */
export const numberFields: NumberField[] = Object.entries(numberWords).map(([name, words]) =>
  fieldOf(`hyperparameters.${name as NumberName}`, words, described.properties?.[name]),
)
export const loraFields: NumberField[] = Object.entries(loraWords).map(([name, words]) =>
  fieldOf(`hyperparameters.lora.${name as LoraName}`, words, loraDescribed?.properties?.[name]),
)
