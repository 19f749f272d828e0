import type { ChartLine } from '#components/charts/chart.types.ts'
import { curveOf } from '#components/charts/curve.ts'
import type { SeriesStore } from '#components/charts/series-store.ts'
import { smooth } from '#components/charts/smooth.ts'
import type { CurveView } from './curve-view.ts'
import { metricLabel } from './metric-catalog.ts'

/** The lines of one chart of one job. `startedAt` in milliseconds since the epoch. */
export function jobLines(
  store: SeriesStore,
  names: readonly string[],
  view: CurveView,
  startedAt: number,
): ChartLine[] {
  return names.map((name, place) => {
    const raw = curveOf(store, name, view.xAxis, startedAt)
    const line = { key: name, label: metricLabel(name), place }
    if (view.smoothing === 0) return { ...line, curve: raw }
    return { ...line, curve: { xs: raw.xs, ys: smooth(raw.ys, view.smoothing) }, raw }
  })
}
