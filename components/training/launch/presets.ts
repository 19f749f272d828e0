import {
  defaultHyperparameters,
  type Hyperparameters,
  type Trainer,
  type TrainingMethod,
} from '#lib/training/training-config.types.ts'

export const presets = ['quick', 'balanced', 'thorough'] as const
export type Preset = (typeof presets)[number]

export const presetWords = {
  quick: { label: 'Quick look', about: 'At most 100 steps of one epoch. Shows whether all is well.' },
  balanced: { label: 'Balanced', about: 'Three epochs with common settings. A good first training.' },
  thorough: { label: 'Thorough', about: 'Five epochs, slower and finer, with more room to learn.' },
} as const satisfies Record<Preset, { label: string; about: string }>

const changes = {
  quick: { epochs: 1, max_steps: 100, logging_steps: 5 },
  balanced: {},
  thorough: { epochs: 5, lora: { r: 32, alpha: 64, dropout: 0.05 } },
} as const satisfies Record<Preset, Partial<Hyperparameters>>

/** Rates at which each method learns with LoRA without falling apart; the preference methods need far lower ones. */
const learningRates = {
  sft: 2e-4,
  cpt: 1e-4,
  dpo: 5e-6,
  orpo: 8e-6,
  kto: 5e-6,
  reward: 1e-4,
} as const satisfies Record<TrainingMethod, number>

export function presetHyperparameters(
  preset: Preset,
  method: TrainingMethod,
  trainer: Trainer,
): Hyperparameters {
  const usual = trainer === 'smoke' ? defaultHyperparameters.learning_rate : learningRates[method]
  return {
    ...defaultHyperparameters,
    ...changes[preset],
    learning_rate: preset === 'thorough' ? usual / 2 : usual,
  }
}

type Settings = Record<string, unknown>

/** The preset that the given settings are, or null when somebody has changed them. */
export function presetOf(settings: Settings, method: TrainingMethod, trainer: Trainer): Preset | null {
  return presets.find((preset) => same(presetHyperparameters(preset, method, trainer), settings)) ?? null
}

/** Compares what a preset sets; what it does not speak of (a command, a template) may be anything. */
function same(preset: Settings, settings: Settings): boolean {
  return Object.entries(preset).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(settings[name]),
  )
}
