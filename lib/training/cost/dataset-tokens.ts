import type { DatasetStatistics } from '#lib/training/dataset.types.ts'
import type { Hyperparameters, TrainingMethod } from '#lib/training/training-config.types.ts'
import type { Range } from './estimate.types.ts'
import { over, plus, range, scaled, times } from './range.ts'

/** What is known of one dataset of a training. */
export interface DatasetFigures {
  name: string
  /** 1 takes every row once an epoch. */
  weight: number
  totalExamples: number
  storedBytes: number
  rawBytes: number | null
  statistics: DatasetStatistics | null
}

/** Characters a token, for text in Latin letters and for other scripts. */
const charactersPerToken = { latin: range(3.2, 4.6), other: range(1, 2.4) }
/** Tokens that a chat template adds to a turn. */
const templateTokens = range(3, 8)
/** What a row of JSON costs beside its text, in bytes a turn, and the share of it that is text where nobody counted. */
const bytesAroundTurn = 40
const textShare = range(0.5, 1)
const unpackedFactor = range(2, 8)
/** No row is shorter: whatever the statistics say, a training of rows is not free. */
const tokensPerRowMin = 8

export interface TokenCount {
  /** Tokens of one epoch, as the trainer sees them. */
  tokens: Range
  rows: number
  /** How many rows are longer than the context, at most. */
  longRows: number
  /** Datasets whose text nobody has counted. */
  uncounted: string[]
}

/** The tokens of an epoch, from counted characters: averages are 0 for preference data, and a file's size is no text. */
export function tokensOfEpoch(
  datasets: readonly DatasetFigures[],
  method: TrainingMethod,
  hyperparameters: Pick<Hyperparameters, 'max_seq_length' | 'long_rows'>,
): TokenCount {
  const counts = datasets.map((dataset) => ({ dataset, ...tokensOf(dataset, hyperparameters) }))
  return {
    tokens: times(
      plus(...counts.map(({ dataset, tokens }) => scaled(tokens, dataset.weight))),
      readings[method],
    ),
    rows: datasets.reduce((sum, { totalExamples, weight }) => sum + totalExamples * weight, 0),
    longRows: counts.reduce((sum, { longRows }) => sum + longRows, 0),
    uncounted: counts.filter(({ dataset }) => !dataset.statistics).map(({ dataset }) => dataset.name),
  }
}

/**
 * How often the characters of a row go through the model: a preference is two sequences, of which both begin with the
 * prompt; KTO reads each answer a second time beside another prompt.
 */
const readings: Record<TrainingMethod, Range> = {
  sft: range(1, 1),
  cpt: range(1, 1),
  reward: range(1, 1.5),
  dpo: range(1, 2),
  orpo: range(1, 2),
  kto: range(1.5, 2),
}

function tokensOf(
  { totalExamples, storedBytes, rawBytes, statistics }: DatasetFigures,
  hyperparameters: Pick<Hyperparameters, 'max_seq_length' | 'long_rows'>,
): { tokens: Range; longRows: number } {
  const least = totalExamples * tokensPerRowMin
  if (!statistics || statistics.characters === 0) {
    const text =
      rawBytes === null ? times(scaled(unpackedFactor, storedBytes), textShare) : scaled(textShare, rawBytes)
    const most = totalExamples * hyperparameters.max_seq_length
    const tokens = over(text, charactersPerToken.latin)
    return { tokens: bounded(tokens, least, Math.max(most, least)), longRows: 0 }
  }
  const perToken = isLatin(statistics, rawBytes) ? charactersPerToken.latin : charactersPerToken.other
  const textTokens = (charactersPerToken: number) =>
    (statistics.characters / charactersPerToken) *
    shareWithin(statistics, charactersPerToken, hyperparameters)
  const tokens = plus(
    range(textTokens(perToken.high), textTokens(perToken.low)),
    scaled(templateTokens, statistics.turns),
  )
  return {
    tokens: bounded(tokens, least, Number.POSITIVE_INFINITY),
    longRows: rowsLongerThan(statistics, hyperparameters.max_seq_length * perToken.low),
  }
}

const bounded = ({ low, high }: Range, least: number, most: number): Range =>
  range(Math.min(Math.max(low, least), most), Math.min(Math.max(high, least), most))

/** Other scripts take two or three bytes a character, once the JSON around the text is taken off. */
function isLatin({ characters, turns }: DatasetStatistics, rawBytes: number | null): boolean {
  return rawBytes === null || (rawBytes - turns * bytesAroundTurn) / characters < 1.8
}

/** The share of the text that is left when rows are cut at, or dropped beyond, the context. */
function shareWithin(
  { length_histogram: { bounds, counts }, longest_row_characters }: DatasetStatistics,
  charactersPerToken: number,
  { max_seq_length, long_rows }: Pick<Hyperparameters, 'max_seq_length' | 'long_rows'>,
): number {
  if (long_rows === 'fail') return 1
  const cap = max_seq_length * charactersPerToken
  let [all, kept] = [0, 0]
  counts.forEach((count, bucket) => {
    const [from, to] = [
      bounds[bucket - 1] ?? 0,
      bounds[bucket] ?? Math.max(longest_row_characters, bounds.at(-1) ?? 0),
    ]
    const length = (from + to) / 2
    all += count * length
    if (length <= cap) kept += count * length
    else if (long_rows === 'cut') kept += count * cap
  })
  return all > 0 ? kept / all : 1
}

function rowsLongerThan(
  { length_histogram: { bounds, counts } }: DatasetStatistics,
  characters: number,
): number {
  return counts.reduce((sum, count, bucket) => sum + ((bounds[bucket - 1] ?? 0) >= characters ? count : 0), 0)
}
