import type { DatasetStatistics } from '#lib/training/dataset.types.ts'

export type Histogram = DatasetStatistics['length_histogram']

export interface Bar {
  /** Longer than this. */
  from: number
  /** At most this; null for the last, open one. */
  to: number | null
  count: number
}

/** English prose, with the vocabularies of today; for datasets whose tokens nobody has counted. */
const usualCharactersPerToken = 4

type Lengths = Pick<DatasetStatistics, 'length_histogram' | 'tokens'>

export function charactersPerToken({ tokens }: Pick<DatasetStatistics, 'tokens'>): number {
  return tokens?.characters_per_token || usualCharactersPerToken
}

/** The same buckets with their bounds in tokens. */
export function inTokens(lengths: Lengths): Histogram {
  const { bounds, counts } = lengths.length_histogram
  const ratio = charactersPerToken(lengths)
  return { bounds: bounds.map((bound) => Math.round(bound / ratio)), counts }
}

/** The buckets between the first and the last that hold anything. */
export function barsOf({ bounds, counts }: Histogram): Bar[] {
  const bars = counts.map((count, at) => ({ from: bounds[at - 1] ?? 0, to: bounds[at] ?? null, count }))
  const first = bars.findIndex(({ count }) => count > 0)
  const last = bars.findLastIndex(({ count }) => count > 0)
  return first === -1 ? [] : bars.slice(first, last + 1)
}

/** Rows longer than a context: as counted, else those in buckets that reach above it. */
export function rowsOver(lengths: Lengths, context: number): number {
  const counted = lengths.tokens?.rows_over.find((one) => one.context === context)
  if (counted) return counted.rows
  const { bounds, counts } = inTokens(lengths)
  return counts.reduce(
    (sum, count, at) => ((bounds[at] ?? Number.POSITIVE_INFINITY) > context ? sum + count : sum),
    0,
  )
}
