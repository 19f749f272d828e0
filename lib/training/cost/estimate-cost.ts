import { type DatasetFigures, type TokenCount, tokensOfEpoch } from './dataset-tokens.ts'
import type { Estimate, MachineEstimate, Range } from './estimate.types.ts'
import type { EstimateQuestion } from './estimate-question.ts'
import { priceAssumptions, scopeAssumptions, warningsOf } from './estimate-words.ts'
import { type Machine, machinesOf, thisMachine } from './machines.ts'
import { fitOf, memoryNeeded } from './memory-fit.ts'
import { type ModelSize, sizeOfModel } from './model-size.ts'
import { middle, nothing, over, plus, range, scaled, times } from './range.ts'
import { statedThroughput } from './throughput.ts'
import {
  datasetBytesPerSecond,
  egressUsdPerGb,
  modelBytesPerSecond,
  spotPriceShare,
  startUpHours,
} from './transfer-table.ts'

/** Spot machines are taken away: what was done since the last checkpoint is done again. */
const spotHours = range(1, 1.4)
/** The smoke test does a fixed amount of work on the processor. */
const smokeSeconds = range(5, 60)
const measuredSpread = range(0.85, 1.1)
const cheaperMax = 3
const suggestedRuntimeSeconds = range(600, 2_419_200)

/** What a training will take, in hours and USD, with all that the range stands on. Pure. */
export function estimateCost(question: EstimateQuestion): Estimate {
  const size = sizeOfModel(question.config.base_model)
  const epoch = tokensOfEpoch(question.datasets, question.config.method, question.config.hyperparameters)
  const work = { size, epoch, question }
  const machines = machinesOf(question)
  const chosen = chosenMachine(machines, work) ?? thisMachine
  const { parts, speed, tokens, hours, usd } = costOn(chosen, work)
  return {
    machine: chosen.id,
    label: chosen.label,
    usd_per_hour: chosen.usdPerHour,
    price: chosen.price,
    hours: rounded(hours, 4),
    usd: usd && cents(usd),
    parts: parts.map((part) => ({
      ...part,
      hours: rounded(part.hours, 4),
      usd: part.usd && rounded(part.usd, 4),
    })),
    tokens: rounded(tokens, 0),
    tokens_per_second: rounded(speed.range, 1),
    throughput: speed.measured ? 'measured' : 'stated',
    assumptions: [
      ...scopeAssumptions({ question, size, epoch, tokens, speed, machine: chosen }),
      ...priceAssumptions(question, chosen),
    ],
    warnings: warningsOf({ question, size, epoch, machine: chosen, fit: fitOn(chosen, work) }),
    cheaper: cheaperThan(chosen, usd, machines, work),
    suggested_budget_usd: usd && Math.max(0.5, Math.ceil(usd.high * 120) / 100),
    suggested_max_runtime_seconds: clamp(Math.ceil(hours.high * 1.5 * 3600), suggestedRuntimeSeconds),
  }
}

interface Work {
  question: EstimateQuestion
  size: ModelSize
  epoch: TokenCount
}

export interface Speed {
  range: Range
  measured: boolean
}

/** Of all epochs; a number of steps, of a batch on each GPU, says where it is set how much of them is done, or how often. */
function trainedTokens({ config }: EstimateQuestion, epoch: TokenCount, gpuCount: number): Range {
  const { epochs, max_steps, batch_size, gradient_accumulation_steps, eval_ratio } = config.hyperparameters
  const rowsPerStep = batch_size * gradient_accumulation_steps * Math.max(1, gpuCount)
  const passes = max_steps === null ? epochs : (max_steps * rowsPerStep) / Math.max(1, epoch.rows)
  // Rows that are held out are read ten times, forward only.
  return scaled(epoch.tokens, passes * (1 - eval_ratio) + (10 * eval_ratio) / 3)
}

function costOn(machine: Machine, work: Work) {
  const { question, size, epoch } = work
  const speed = speedOn(machine, work)
  const tokens = trainedTokens(question, epoch, machine.gpuCount)
  const isSmoke = question.config.trainer === 'smoke'
  const training = isSmoke ? scaled(smokeSeconds, 1 / 3600) : scaled(over(tokens, speed.range), 1 / 3600)
  const bytes = question.datasets.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  const spot = question.spot ? spotPriceShare[question.provider] : null
  const price = machine.usdPerHour === null ? null : scaled(spot ?? range(1, 1), machine.usdPerHour)
  const atPrice = (hours: Range) => price && times(hours, price)
  const timed = (
    what: 'start_up' | 'model_download' | 'dataset_download' | 'training',
    label: string,
    hours: Range,
  ) => ({
    what,
    label,
    hours,
    usd: atPrice(hours),
  })
  const parts = [
    timed('start_up', 'Until the machine is ready', startUpHours[question.provider]),
    timed(
      'model_download',
      'Downloading the base model',
      isSmoke ? nothing : scaled(over(scaled(size.held, 2), modelBytesPerSecond), 1 / 3600),
    ),
    timed(
      'dataset_download',
      'Downloading the data',
      machine.id === null ? nothing : scaled(over(range(bytes, bytes), datasetBytesPerSecond), 1 / 3600),
    ),
    timed('training', 'Training', spot ? times(training, spotHours) : training),
    { what: 'egress' as const, label: 'Data leaving its store', hours: nothing, usd: egressOf(question) },
  ]
  const known = parts.flatMap(({ usd }) => (usd ? [usd] : []))
  return {
    parts,
    speed,
    tokens,
    hours: plus(...parts.map(({ hours }) => hours)),
    usd: price ? plus(...known) : null,
  }
}

function egressOf({ datasets, provider }: EstimateQuestion): Range {
  const gb = (dataset: DatasetFigures) => dataset.storedBytes / 1e9
  return plus(
    nothing,
    ...datasets.map((dataset) => scaled(egressUsdPerGb(dataset.storageProvider, provider), gb(dataset))),
  )
}

/** Measured where this owner has trained this model so on such a machine; stated otherwise. */
function speedOn(machine: Machine, { question, size }: Work): Speed {
  const { config, measured } = question
  const alike = measured.filter(
    (one) =>
      one.machine === machine.id &&
      one.gpuCount === machine.gpuCount &&
      one.baseModel === config.base_model &&
      one.method === config.method &&
      one.tokensPerSecond > 0,
  )
  if (alike.length > 0) {
    const speeds = alike.map(({ tokensPerSecond }) => tokensPerSecond)
    const seen = range(Math.min(...speeds), Math.max(...speeds))
    return { range: times(seen, measuredSpread), measured: true }
  }
  const stated = { size, method: config.method, hyperparameters: config.hyperparameters }
  const speeds = machine.gpus.map((gpu) => statedThroughput(stated, gpu, machine.gpuCount))
  return {
    range: range(Math.min(...speeds.map(({ low }) => low)), Math.max(...speeds.map(({ high }) => high))),
    measured: false,
  }
}

function fitOn(machine: Machine, { question, size }: Work) {
  const { method, hyperparameters, trainer } = question.config
  if (trainer === 'smoke' || machine.memoryGib === null) return 'fits'
  return fitOf(memoryNeeded(size, method, hyperparameters), machine.memoryGib)
}

/** The one that was named, or the cheapest that the training fits on, or the one with the most room. */
function chosenMachine(machines: readonly Machine[], work: Work): Machine | null {
  const { machine: wanted } = work.question
  const named = machines.find(({ id }) => id === wanted)
  if (named) return named
  const inStock = machines.filter(({ stock }) => stock !== 'none')
  const byCost = (inStock.length > 0 ? inStock : machines)
    .map((machine) => ({ machine, usd: costOn(machine, work).usd }))
    .sort((a, b) => middleOr(a.usd) - middleOr(b.usd))
    .map(({ machine }) => machine)
  return (
    byCost.find((machine) => fitOn(machine, work) === 'fits') ??
    byCost.find((machine) => fitOn(machine, work) === 'tight') ??
    byCost.sort((a, b) => (b.memoryGib ?? 0) - (a.memoryGib ?? 0))[0] ??
    null
  )
}

function cheaperThan(
  chosen: Machine,
  usd: Range | null,
  machines: readonly Machine[],
  work: Work,
): MachineEstimate[] {
  if (!usd) return []
  return machines
    .filter(
      (machine) =>
        machine.id !== chosen.id && machine.stock !== 'none' && fitOn(machine, work) !== 'too_large',
    )
    .map((machine) => ({ machine, ...costOn(machine, work) }))
    .filter((other) => other.usd !== null && middle(other.usd) < middle(usd))
    .sort((a, b) => middleOr(a.usd) - middleOr(b.usd))
    .slice(0, cheaperMax)
    .map(({ machine, hours, usd: cost }) => ({
      machine: machine.id!,
      label: machine.label,
      stock: machine.stock,
      usd_per_hour: machine.usdPerHour,
      hours: rounded(hours, 4),
      usd: cost && cents(cost),
    }))
}

const middleOr = (usd: Range | null) => (usd ? middle(usd) : Number.POSITIVE_INFINITY)
const clamp = (value: number, { low, high }: Range) => Math.min(Math.max(value, low), high)
const rounded = ({ low, high }: Range, digits: number): Range => ({
  low: Number(low.toFixed(digits)),
  high: Number(high.toFixed(digits)),
})
/** Upwards: what costs anything costs a cent. */
const cents = ({ low, high }: Range): Range => ({
  low: Math.ceil(low * 100) / 100,
  high: Math.ceil(high * 100) / 100,
})
