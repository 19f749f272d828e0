import { formatCount, formatMoney, formatPlural } from '#lib/display/number-format.ts'
import type { AvailableDataset } from '#lib/training/compatibility.types.ts'
import type { Estimate } from '#lib/training/cost/estimate.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import {
  type Trainer,
  type TrainingMethod,
  type TrainingProvider,
  trainingProviderLabels,
} from '#lib/training/training-config.types.ts'
import { formatHoursRange, formatUsdRange } from './estimate-format.ts'

const verbs = {
  sft: 'Fine-tune',
  dpo: 'Align with DPO',
  orpo: 'Align with ORPO',
  kto: 'Align with KTO',
  reward: 'Train a reward model from',
  cpt: 'Continue pre-training of',
} as const satisfies Record<TrainingMethod, string>

export interface SummaryInput {
  provider: TrainingProvider
  method: TrainingMethod
  trainer: Trainer
  baseModel: string
  lora: boolean
  epochs: number
  maxSteps: number | null
  datasets: readonly Pick<AvailableDataset, 'name' | 'total_examples'>[]
  /** Absent while it is not known, and where nothing is rented. */
  machine?: string | undefined
  estimate?: Pick<Estimate, 'hours' | 'usd'> | undefined
  budget?: number | null
}

/** A training in one sentence, as somebody would say it before pressing the button. */
export function summaryWords(input: SummaryInput): string {
  const label = trainingProviderLabels[input.provider]
  const place = capabilitiesOf(input.provider).onThisMachine
    ? 'on this machine'
    : input.machine
      ? `on ${input.machine} at ${label}`
      : `at ${label}`
  const length = input.maxSteps
    ? `for at most ${formatPlural(input.maxSteps, 'step')}`
    : `for ${formatPlural(input.epochs, 'epoch')}`
  return `${whatWords(input)} on ${dataWords(input.datasets)} ${length} ${place}${costWords(input)}.`
}

function costWords({ estimate, budget }: SummaryInput): string {
  const about = estimate
    ? `, about ${formatHoursRange(estimate.hours)}${estimate.usd ? ` and ${formatUsdRange(estimate.usd)}` : ''}`
    : ''
  return budget ? `${about}, stopped at ${formatMoney(budget)}` : about
}

function whatWords({ method, trainer, baseModel, lora }: SummaryInput): string {
  if (trainer === 'smoke') return 'Train the tiny smoke-test model'
  const model = baseModel.trim() || 'a model'
  if (trainer === 'command') return `Run your command for ${model}`
  return `${verbs[method]} ${model} ${lora ? 'with LoRA' : 'in full'}`
}

function dataWords(datasets: SummaryInput['datasets']): string {
  const [first, ...others] = datasets
  if (!first) return 'a dataset that you choose'
  const examples = formatCount(datasets.reduce((sum, { total_examples: count }) => sum + (count ?? 0), 0))
  return others.length
    ? `${examples} examples of ${datasets.length} datasets`
    : `${examples} examples of “${first.name}”`
}

/** A name that tells trainings apart, until somebody gives a better one. */
export function suggestedName(input: Pick<SummaryInput, 'baseModel' | 'trainer' | 'datasets'>): string {
  const model = input.trainer === 'smoke' ? 'Smoke test' : (input.baseModel.split('/').at(-1) ?? '').trim()
  const dataset = input.datasets[0]?.name
  const name = dataset ? `${model || 'Training'} on ${dataset}` : model || 'Training'
  return [...name].slice(0, 200).join('').trim()
}
