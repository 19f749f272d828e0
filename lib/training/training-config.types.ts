import { z } from 'zod'
import { storedTextSchema } from '#lib/db/stored-text.types.ts'
import type { CanonicalShape } from './dataset.types.ts'
import { factOfEach, launcherIds } from './launchers/all-facts.types.ts'

/** Where a training can run: whatever has a launcher. */
export const trainingProviders = launcherIds
export const trainingProviderSchema = z.enum(trainingProviders)
export type TrainingProvider = z.infer<typeof trainingProviderSchema>

export const trainingProviderLabels = factOfEach('label')

export const trainingMethods = ['sft', 'dpo', 'orpo', 'kto', 'reward', 'cpt'] as const
export const trainingMethodSchema = z.enum(trainingMethods)
export type TrainingMethod = z.infer<typeof trainingMethodSchema>

export const trainingMethodLabels = {
  sft: 'Supervised fine-tuning (SFT)',
  dpo: 'Direct preference optimisation (DPO)',
  orpo: 'Odds-ratio preference optimisation (ORPO)',
  kto: 'Kahneman-Tversky optimisation (KTO)',
  reward: 'Reward model',
  cpt: 'Continued pre-training (CPT)',
} as const satisfies Record<TrainingMethod, string>

/** The shape of rows that a method learns from. */
export const shapeForMethod = {
  sft: 'chat',
  dpo: 'preference',
  orpo: 'preference',
  kto: 'kto',
  reward: 'reward',
  cpt: 'text',
} as const satisfies Record<TrainingMethod, CanonicalShape>

export const trainers = ['smoke', 'trl', 'axolotl', 'llamafactory', 'command'] as const
export const trainerSchema = z.enum(trainers)
export type Trainer = z.infer<typeof trainerSchema>

export const trainerLabels = {
  smoke: 'Smoke test (a tiny byte-level model in pure Python)',
  trl: 'TRL',
  axolotl: 'Axolotl',
  llamafactory: 'LLaMA-Factory',
  command: 'A command of your own',
} as const satisfies Record<Trainer, string>

export const loraSchema = z.object({
  r: z.number().int().min(1).max(1024).default(16),
  alpha: z.number().min(1).max(4096).default(32),
  dropout: z.number().min(0).max(0.9).default(0.05),
})

export const lrSchedulers = ['cosine', 'linear', 'constant', 'constant_with_warmup'] as const
export const optimizers = ['adamw', 'adamw_8bit', 'paged_adamw_8bit', 'adafactor'] as const
export const precisions = ['auto', 'bf16', 'fp16', 'fp32'] as const
export const lossTargets = ['answers', 'everything'] as const
export const longRowPolicies = ['cut', 'drop', 'fail'] as const

export const hyperparametersSchema = z.object({
  epochs: z.number().positive().max(1000).default(3),
  batch_size: z.number().int().min(1).max(4096).default(4),
  gradient_accumulation_steps: z.number().int().min(1).max(4096).default(4),
  learning_rate: z.number().positive().max(1).default(2e-4),
  max_seq_length: z.number().int().min(16).max(1_048_576).default(2048),
  warmup_ratio: z.number().min(0).max(1).default(0.03),
  weight_decay: z.number().min(0).max(1).default(0),
  lr_scheduler: z.enum(lrSchedulers).default('cosine'),
  optimizer: z.enum(optimizers).default('adamw'),
  /** Gradients longer than this are shortened to it; 0 leaves them. */
  max_grad_norm: z.number().min(0).max(1000).default(1),
  /** `auto` takes bf16 where every GPU has it, else fp16, and fp32 without a GPU. */
  precision: z.enum(precisions).default('auto'),
  gradient_checkpointing: z.boolean().default(true),
  /** Several short rows in one sequence. Continued pre-training always packs. */
  packing: z.boolean().default(false),
  /** Keeps the base model in 4 bits (QLoRA); needs LoRA and bitsandbytes. */
  load_in_4bit: z.boolean().default(false),
  /** `sft`: what the loss is taken over, the assistant's turns or the whole conversation. */
  loss_on: z.enum(lossTargets).default('answers'),
  /** What becomes of rows that are longer than `max_seq_length`; each policy says how many there were. */
  long_rows: z.enum(longRowPolicies).default('cut'),
  /** `dpo`, `orpo` and `kto`: how closely the model is held to where it started. Null: the method's usual 0.1. */
  beta: z.number().positive().max(10).nullable().default(null),
  /** The share of rows that is held out and never trained on; 0 holds none out. */
  eval_ratio: z.number().min(0).max(0.5).default(0),
  /** Steps between evaluations. Null: ten times in the training. */
  eval_steps: z.number().int().min(1).max(1_000_000).nullable().default(null),
  /** Steps between checkpoints. Null: ten in the training. */
  save_steps: z.number().int().min(1).max(1_000_000).nullable().default(null),
  save_total_limit: z.number().int().min(1).max(100).default(2),
  lora: loraSchema.nullable().default({ r: 16, alpha: 32, dropout: 0.05 }),
  seed: z.number().int().min(0).max(2_147_483_647).default(42),
  /** Stop after this many optimiser steps, whatever `epochs` says. */
  max_steps: z.number().int().min(1).max(100_000_000).nullable().default(null),
  logging_steps: z.number().int().min(1).max(100_000).default(10),
  /** `command` trainer only: a command line with placeholders such as {dataset} and {output_dir}. */
  command: storedTextSchema.trim().max(4000).optional(),
  /** LLaMA-Factory only: the name of its chat template. */
  chat_template: storedTextSchema.trim().max(200).optional(),
})
export type Hyperparameters = z.infer<typeof hyperparametersSchema>
export const defaultHyperparameters: Hyperparameters = hyperparametersSchema.parse({})

export const configDatasetSchema = z.object({
  dataset_id: z.uuid(),
  /** Relative share of this dataset in the mix; 1 takes every row once an epoch. */
  weight: z.number().positive().max(1000).default(1),
})

const trainingConfigFields = z.object({
  name: storedTextSchema.trim().min(1, 'Give the training a name').max(200),
  description: storedTextSchema.trim().max(2000).nullable().default(null),
  provider: trainingProviderSchema,
  base_model: z
    .string()
    .trim()
    .min(1, 'Name the model to start from')
    .max(300)
    .regex(/^[\w./:@-]+$/, 'A Hugging Face repository such as Qwen/Qwen2.5-0.5B, or a path'),
  method: trainingMethodSchema,
  trainer: trainerSchema,
  hyperparameters: hyperparametersSchema,
  datasets: z.array(configDatasetSchema).max(20).default([]),
})

const needsCommand = (config: { trainer?: Trainer; hyperparameters?: { command?: string } }) =>
  config.trainer !== 'command' || Boolean(config.hyperparameters?.command)
const commandMissing = {
  path: ['hyperparameters', 'command'],
  message: 'This trainer runs a command of yours: write it here',
}

const fourBitHasLora = (config: { hyperparameters?: Partial<Hyperparameters> }) =>
  !config.hyperparameters?.load_in_4bit || config.hyperparameters.lora !== null
const loraMissing = {
  path: ['hyperparameters', 'load_in_4bit'],
  message: 'Weights in 4 bits cannot be trained themselves: turn LoRA on',
}

export const trainingConfigInputSchema = trainingConfigFields
  .refine(needsCommand, commandMissing)
  .refine(fourBitHasLora, loraMissing)
export type TrainingConfigInput = z.input<typeof trainingConfigInputSchema>

export const trainingConfigPatchSchema = trainingConfigFields.partial().strict()

export const trainingConfigSchema = trainingConfigFields.extend({
  id: z.uuid(),
  user_id: z.uuid(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
export type TrainingConfig = z.infer<typeof trainingConfigSchema>
