import type { Curve } from './curve.ts'
import { lowerBound } from './lower-bound.ts'

export interface Range {
  min: number
  max: number
}

/**
 * As many points as can be told apart on a screen: of each of `columns` equal slices of the range the first, the
 * lowest, the highest and the last, so that no spike is lost. One point on either side of the range stays, for
 * the line to leave the frame.
 */
export function thin(curve: Curve, columns: number, range?: Range): Curve {
  const { xs, ys } = curve
  const from = range ? Math.max(0, lowerBound(xs, range.min) - 1) : 0
  const to = range ? Math.min(xs.length, lowerBound(xs, range.max) + 2) : xs.length
  if (to - from <= columns * 4) return { xs: xs.subarray(from, to), ys: ys.subarray(from, to) }
  const left = xs[from] as number
  const width = ((xs[to - 1] as number) - left) / columns || 1
  const kept: number[] = []
  let index = from
  while (index < to) {
    const slice = Math.min(columns - 1, Math.floor(((xs[index] as number) - left) / width))
    let end = index + 1
    while (end < to && Math.min(columns - 1, Math.floor(((xs[end] as number) - left) / width)) === slice)
      end++
    keepOutline(ys, index, end, kept)
    index = end
  }
  return {
    xs: Float64Array.from(kept, (point) => xs[point] as number),
    ys: Float64Array.from(kept, (point) => ys[point] as number),
  }
}

/** Adds the first, lowest, highest and last index of `[start, end)`, each once and in order. */
function keepOutline(ys: Float64Array, start: number, end: number, kept: number[]): void {
  let lowest = start
  let highest = start
  for (let index = start + 1; index < end; index++) {
    if ((ys[index] as number) < (ys[lowest] as number)) lowest = index
    if ((ys[index] as number) > (ys[highest] as number)) highest = index
  }
  const outline = [start, Math.min(lowest, highest), Math.max(lowest, highest), end - 1]
  for (const index of outline) if (kept.at(-1) !== index) kept.push(index)
}

/** At most `count` points, evenly spread, the first and the last among them: for tables and sparklines. */
export function sample(curve: Curve, count: number): Curve {
  const { xs, ys } = curve
  if (xs.length <= count) return curve
  const picked = Array.from({ length: count }, (_, index) =>
    Math.round((index * (xs.length - 1)) / (count - 1)),
  )
  return {
    xs: Float64Array.from(picked, (point) => xs[point] as number),
    ys: Float64Array.from(picked, (point) => ys[point] as number),
  }
}
