import type { SeriesStore } from './series-store.ts'

/** One line of a chart: points in ascending order of x, none of them NaN. */
export interface Curve {
  xs: Float64Array
  ys: Float64Array
}

export type XAxis = 'step' | 'time'

/** The points of one measurement, over steps or over seconds since `startedAt`; empty if it was never measured. */
export function curveOf(store: SeriesStore, name: string, axis: XAxis, startedAt: number): Curve {
  const values = store.column(name)
  const positions = axis === 'step' ? store.steps.view() : store.times.view()
  if (!values) return { xs: new Float64Array(0), ys: new Float64Array(0) }
  const xs = new Float64Array(values.length)
  const ys = new Float64Array(values.length)
  let kept = 0
  let ascends = true
  for (let row = 0; row < values.length; row++) {
    const y = values[row] as number
    const x = axis === 'step' ? (positions[row] as number) : ((positions[row] as number) - startedAt) / 1000
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    if (kept > 0 && x < (xs[kept - 1] as number)) ascends = false
    xs[kept] = x
    ys[kept++] = y
  }
  const curve = { xs: xs.subarray(0, kept), ys: ys.subarray(0, kept) }
  return ascends ? curve : sortedByX(curve)
}

/** A resumed run measures early steps late, so that its times go back and forth. */
function sortedByX({ xs, ys }: Curve): Curve {
  const order = Uint32Array.from(xs.keys()).sort((a, b) => (xs[a] as number) - (xs[b] as number))
  return {
    xs: Float64Array.from(order, (index) => xs[index] as number),
    ys: Float64Array.from(order, (index) => ys[index] as number),
  }
}
