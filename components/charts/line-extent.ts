import { formatCount, formatMeasure } from '#lib/display/number-format.ts'
import type { ChartLine } from './chart.types.ts'
import { formatElapsed } from './chart-format.ts'
import type { Curve, XAxis } from './curve.ts'
import type { Range } from './thin.ts'

/** The x that all lines together cover; a span even when there is one point or none. */
export function extentOf(lines: readonly ChartLine[]): Range {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { curve } of lines) {
    if (curve.xs.length === 0) continue
    min = Math.min(min, curve.xs[0] as number)
    max = Math.max(max, curve.xs[curve.xs.length - 1] as number)
  }
  if (min > max) return { min: 0, max: 1 }
  return min === max ? { min: min - 1, max: max + 1 } : { min, max }
}

/** A logarithm has no place for zero and below. */
export function positiveOnly(curve: Curve): Curve {
  if (curve.ys.every((y) => y > 0)) return curve
  const kept = [...curve.ys.keys()].filter((index) => (curve.ys[index] as number) > 0)
  return {
    xs: Float64Array.from(kept, (index) => curve.xs[index] as number),
    ys: Float64Array.from(kept, (index) => curve.ys[index] as number),
  }
}

export function formatX(x: number, xAxis: XAxis): string {
  return xAxis === 'step' ? `step ${formatCount(x)}` : formatElapsed(x)
}

/** A chart in one sentence a line: where it began, where it is, how low it came. */
export function describeLines(title: string, lines: readonly ChartLine[], xAxis: XAxis): string {
  const sentences = lines.flatMap(({ label, curve: { xs, ys } }) => {
    if (xs.length === 0) return []
    const last = xs.length - 1
    const lowest = ys.reduce((best, y, index) => (y < (ys[best] as number) ? index : best), 0)
    const at = (index: number) =>
      `${formatMeasure(ys[index] as number)} at ${formatX(xs[index] as number, xAxis)}`
    return [`${label}: from ${at(0)} to ${at(last)}, lowest ${at(lowest)}.`]
  })
  return `${title}. ${sentences.join(' ') || 'No measurements yet.'}`
}
