import { z } from 'zod'
import { formatCount } from '#lib/display/number-format.ts'
import { type Hyperparameters, hyperparametersSchema } from '#lib/training/training-config.types.ts'

type NamesOf<Kind> = {
  [Name in keyof Hyperparameters]-?: NonNullable<Hyperparameters[Name]> extends Kind ? Name : never
}[keyof Hyperparameters]
type NumberName = NamesOf<number>
type SwitchName = NamesOf<boolean>
type ChoiceName = Exclude<NamesOf<string>, 'command' | 'chat_template'>
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
  max_grad_norm: ['Largest gradient', 'Longer steps are shortened to it, against sudden jumps. 0: never.'],
  beta: ['Beta', 'DPO, ORPO, KTO: how closely the model is held to where it started. Empty: 0.1.'],
  eval_ratio: ['Held-out share', 'Rows that are never trained on, so that an evaluation means something.'],
  eval_steps: ['Evaluate every', 'Steps between two evaluations. Empty: ten in the training.'],
  save_steps: ['Save every', 'Steps between two checkpoints. Empty: ten in the training.'],
  save_total_limit: ['Checkpoints kept', 'Older ones are deleted as new ones are written.'],
  max_steps: ['Step limit', 'Stops after so many steps, whatever the epochs say. Empty: no limit.'],
  logging_steps: ['Log every', 'Steps between two points of the curves.'],
  seed: ['Seed', 'The same seed gives the same order of examples.'],
} as const satisfies Record<NumberName, readonly [string, string]>

const switchWords = {
  gradient_checkpointing: [
    'Gradient checkpointing',
    'Computes some things twice instead of keeping them: far less memory, about a fifth slower.',
  ],
  packing: ['Packing', 'Puts several short examples into one sequence. Faster where examples are short.'],
  load_in_4bit: ['Base model in 4 bits', 'QLoRA: a quarter of the memory for the base model. Needs LoRA.'],
} as const satisfies Record<SwitchName, readonly [string, string]>

const choiceWords = {
  lr_scheduler: {
    label: 'Learning rate schedule',
    about: 'How the rate changes after the warm-up.',
    options: {
      cosine: 'Cosine: falls slowly, then fast',
      linear: 'Linear: falls evenly',
      constant: 'Constant, without a warm-up',
      constant_with_warmup: 'Constant after the warm-up',
    },
  },
  optimizer: {
    label: 'Optimizer',
    about: 'The 8-bit ones keep their state in a quarter of the memory and need bitsandbytes.',
    options: {
      adamw: 'AdamW',
      adamw_8bit: 'AdamW in 8 bits',
      paged_adamw_8bit: 'AdamW in 8 bits, paged',
      adafactor: 'Adafactor',
    },
  },
  precision: {
    label: 'Precision',
    about: 'How numbers are kept while it trains.',
    options: { auto: 'What the GPU does best', bf16: 'bfloat16', fp16: 'float16', fp32: 'float32' },
  },
  loss_on: {
    label: 'Learn from',
    about: 'Fine-tuning only: which part of a conversation the model learns to say.',
    options: { answers: 'The answers', everything: 'The whole conversation' },
  },
  long_rows: {
    label: 'Rows that are too long',
    about: 'What becomes of rows beyond the longest sequence. The log says how many there were.',
    options: { cut: 'Cut them', drop: 'Leave them out', fail: 'Stop before training' },
  },
} as const satisfies {
  [Name in ChoiceName]: {
    label: string
    about: string
    options: Record<Hyperparameters[Name], string>
  }
}

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
export const switchFields = Object.entries(switchWords).map(([name, [label, about]]) => ({
  path: `hyperparameters.${name as SwitchName}` as const,
  label,
  about,
}))
export const choiceFields = Object.entries(choiceWords).map(([name, { label, about, options }]) => ({
  path: `hyperparameters.${name as ChoiceName}` as const,
  label,
  about,
  options: Object.entries(options).map(([value, words]) => ({ value, words })),
}))
export type SwitchField = (typeof switchFields)[number]
export type ChoiceField = (typeof choiceFields)[number]
export const loraFields: NumberField[] = Object.entries(loraWords).map(([name, words]) =>
  fieldOf(`hyperparameters.lora.${name as LoraName}`, words, loraDescribed?.properties?.[name]),
)
