import type { DatasetStatistics } from '#lib/training/dataset.types.ts'

export type Histogram = DatasetStatistics['length_histogram']

export interface Bar {
  /** Longer than this. */
  from: number
  /** At most this; null for the last, open one. */
  to: number | null
  count: number
}

/** The buckets between the first and the last that hold anything. */
export function barsOf({ bounds, counts }: Histogram): Bar[] {
  const bars = counts.map((count, at) => ({ from: bounds[at - 1] ?? 0, to: bounds[at] ?? null, count }))
  const first = bars.findIndex(({ count }) => count > 0)
  const last = bars.findLastIndex(({ count }) => count > 0)
  return first === -1 ? [] : bars.slice(first, last + 1)
}

/** Rows in buckets that reach above a length: what may be longer than it. */
export function countAbove({ bounds, counts }: Histogram, length: number): number {
  return counts.reduce((sum, count, at) => ((bounds[at] ?? Infinity) > length ? sum + count : sum), 0)
}
