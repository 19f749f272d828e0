/** What an estimate stands on, in sentences that a person can check. */
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import type { TokenCount } from './dataset-tokens.ts'
import { diskNeeded } from './disk-need.ts'
import type { Range } from './estimate.types.ts'
import type { EstimateQuestion } from './estimate-question.ts'
import type { Machine } from './machines.ts'
import type { Fit } from './memory-fit.ts'
import type { ModelSize } from './model-size.ts'
import { egressUsdPerGb, spotPriceShare } from './transfer-table.ts'

const oldPriceDays = 60

interface Scope {
  question: EstimateQuestion
  size: ModelSize
  epoch: TokenCount
  tokens: Range
  speed: { range: Range; measured: boolean }
  machine: Machine
}

export function scopeAssumptions({ question, size, epoch, tokens, speed, machine }: Scope): string[] {
  const { base_model, trainer, method, hyperparameters: h } = question.config
  if (trainer === 'smoke')
    return ['The smoke test does a fixed amount of work on the processor, whatever the data and the model.']
  const duration = h.max_steps === null ? `${number(h.epochs)} epochs` : `${number(h.max_steps)} steps`
  const size_ = spread(size.held, (n) => `${number(n / 1e9)}`)
  return [
    `${spread(tokens, short)} tokens: ${number(epoch.rows)} rows an epoch, ${duration}, at 3.2 to 4.6 characters a token (1 to 2.4 in scripts other than Latin).`,
    size.known
      ? `${base_model} has about ${size_} billion parameters, as its name says.`
      : `The name ${base_model} does not say its size: between ${size_} billion parameters are assumed.`,
    speed.measured
      ? `${spread(speed.range, short)} tokens a second, as your earlier trainings of this model on ${machine.label} reached.`
      : `${spread(speed.range, short)} tokens a second on ${machine.label}: stated from the GPU's data sheet and what trainings of this size usually reach, not measured.`,
    ...(method === 'dpo' || method === 'orpo' || method === 'kto'
      ? ['Both answers of a pair (and, with DPO and KTO, a reference model) go through the GPU.']
      : []),
    'Start-up, the model and the data are downloaded at the price of the machine.',
  ]
}

export function priceAssumptions({ provider, spot, datasets }: EstimateQuestion, machine: Machine): string[] {
  const label = trainingProviderLabels[provider]
  const { price, usdPerHour } = machine
  if (machine.id === null) return ['This machine costs nothing that we could know of.']
  const leaves = datasets.some(({ storageProvider }) => egressUsdPerGb(storageProvider, provider).high > 0)
  const day = price?.at.slice(0, 10)
  return [
    price === null
      ? `Nobody tells a price of ${machine.label}.`
      : price.source === 'provider'
        ? `$${number(usdPerHour!)} an hour, as ${label} told on ${day}.`
        : `$${number(usdPerHour!)} an hour, a fallback from the table that we ship (as of ${day}, not asked of ${label}): its own price may differ, by region too.`,
    ...(spot && spotPriceShare[provider]
      ? ['Spot: 0.3 to 1 of the price, up to 1.4 of the time for work that is done again.']
      : []),
    ...(leaves ? ['Egress from the store: nothing within its allowance, up to $0.09 a GB beyond.'] : []),
  ]
}

export function warningsOf({
  question,
  size,
  epoch,
  machine,
  fit,
}: {
  question: EstimateQuestion
  size: ModelSize
  epoch: TokenCount
  machine: Machine
  fit: Fit
}): string[] {
  const { config, now, provider, spot, datasets } = question
  const warnings: string[] = []
  const smoke = config.trainer === 'smoke'
  if (question.machine !== null && machine.id !== question.machine)
    warnings.push(
      `${trainingProviderLabels[provider]} has no machine called ${question.machine} now; ${machine.label} was taken.`,
    )
  if (machine.stock === 'none') warnings.push(`${machine.label} is out of stock now.`)
  if (fit === 'too_large')
    warnings.push(
      `The model does not fit into the ${machine.memoryGib} GiB of ${machine.label}. Take a larger GPU, LoRA, or 4 bits.`,
    )
  if (fit === 'tight')
    warnings.push(
      `It may not fit into the ${machine.memoryGib} GiB of ${machine.label}. A smaller batch or a shorter context needs less.`,
    )
  const tooSmall = smallVolume(question, size)
  if (tooSmall) warnings.push(tooSmall)
  if (!machine.gpuKnown && !smoke)
    warnings.push(
      `What GPU ${machine.id === null ? 'this machine has' : `${machine.label} has`} is not known here: the range goes from a T4 to an RTX 4090.`,
    )
  if (!size.known && !smoke) warnings.push('The size of the model is assumed: the range is wide.')
  if (config.trainer === 'command')
    warnings.push('A command of your own may do anything: the range is that of a usual training.')
  if (datasets.length === 0) warnings.push('No dataset is chosen yet.')
  if (epoch.uncounted.length > 0 && !smoke)
    warnings.push(`The text of ${epoch.uncounted.join(', ')} was not counted; its size was taken instead.`)
  if (epoch.longRows > 0 && config.hyperparameters.long_rows !== 'fail' && !smoke)
    warnings.push(
      `Up to ${number(epoch.longRows)} rows are longer than ${number(config.hyperparameters.max_seq_length)} tokens and will be ${config.hyperparameters.long_rows === 'cut' ? 'cut' : 'left out'}.`,
    )
  if (machine.price && now.getTime() - Date.parse(machine.price.at) > oldPriceDays * 86_400_000)
    warnings.push(`The price is from ${machine.price.at.slice(0, 10)}: look it up.`)
  if (spot && !spotPriceShare[provider])
    warnings.push(`${trainingProviderLabels[provider]} has no spot machines here: the full price counts.`)
  return warnings
}

/** A repository that holds its weights in fewer bits says so in its name. */
const fewerBits =
  /(?:^|[^a-z])(?:[248]-?bit|bnb|awq|gptq|gguf|int[48]|w[48]a(?:8|16)|fp[48]|nvfp4|mxfp4)(?:[^a-z]|$)/i

/** What a command needs nobody knows, nor what a model does whose size is only assumed. */
function smallVolume({ config, volumeGb }: EstimateQuestion, size: ModelSize): string | null {
  const isUnknown = !size.known || fewerBits.test(config.base_model)
  if (volumeGb === null || isUnknown || config.trainer === 'smoke' || config.trainer === 'command')
    return null
  const { model, checkpoints } = diskNeeded(size, config.hyperparameters)
  if (model + checkpoints <= volumeGb) return null
  const more = checkpoints > 0 ? `, what is kept of its checkpoints ${gigabytes(checkpoints)}` : ''
  return `A volume of ${volumeGb} GB may be too small: ${config.base_model} takes ${gigabytes(model)} in 16 bits${more}, and the data comes on top.`
}

const gigabytes = (value: number) => `about ${number(Math.ceil(value))} GB`

const number = (value: number) =>
  Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 3 })
const short = (value: number) =>
  new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)
function spread({ low, high }: Range, say: (value: number) => string): string {
  return say(low) === say(high) ? say(low) : `${say(low)} to ${say(high)}`
}
