import type uPlot from 'uplot'
import type { ChartLine } from './chart.types.ts'
import { formatElapsed, formatTick } from './chart-format.ts'
import { paletteVariable, resolvedVariable } from './chart-palette.ts'
import type { XAxis } from './curve.ts'
import type { Range } from './thin.ts'

export interface PlotSettings {
  width: number
  height: number
  lines: readonly Pick<ChartLine, 'key' | 'label' | 'place' | 'raw'>[]
  xAxis: XAxis
  logarithmic: boolean
  syncKey?: string | undefined
  /** What of x is shown; asked for at every drawing. */
  domain: () => Range
  onCursor: (x: number | null) => void
  onSelect: (range: Range) => void
  onReset: () => void
}

/** uPlot's options for a chart of ours. Colours are read from the page at every drawing, so that themes apply. */
export function plotOptions(settings: PlotSettings): uPlot.Options {
  const { width, height, lines, xAxis, logarithmic, syncKey } = settings
  return {
    width,
    height,
    // On the right half of the last label of x stands out.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      ...(syncKey ? { sync: { key: syncKey, scales: ['x', null] as [string, null] } } : {}),
      bind: {
        dblclick: () => () => {
          settings.onReset()
          return null
        },
      },
    },
    scales: {
      x: { time: false, range: () => [settings.domain().min, settings.domain().max] },
      y: logarithmic ? { distr: 3, log: 10 } : {},
    },
    axes: [axis(xAxis === 'time' ? formatElapsed : formatTick, 28, 70), axis(formatTick, 52, 32)],
    series: [{}, ...lines.flatMap(seriesOf)],
    hooks: {
      setCursor: [
        (plot) => {
          const index = plot.cursor.idx
          const x = index == null || (plot.cursor.left ?? -1) < 0 ? null : plot.data[0][index]
          settings.onCursor(x ?? null)
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select
          if (selected < 4) return
          const range = { min: plot.posToVal(left, 'x'), max: plot.posToVal(left + selected, 'x') }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          settings.onSelect(range)
        },
      ],
    },
  }
}

/** The raw measurements lie below their smoothed curve. */
function seriesOf(line: PlotSettings['lines'][number]): uPlot.Series[] {
  const stroke = (plot: uPlot) => resolvedVariable(plot.root, paletteVariable(line.place))
  const curve: uPlot.Series = { label: line.label, stroke, width: 1.75, spanGaps: true }
  const raw: uPlot.Series = { stroke, width: 1, alpha: 0.28, spanGaps: true, points: { show: false } }
  return line.raw ? [raw, curve] : [curve]
}

function axis(format: (value: number) => string, size: number, space: number): uPlot.Axis {
  return {
    size,
    space,
    gap: 6,
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    stroke: (plot) => resolvedVariable(plot.root, '--muted-foreground'),
    grid: { width: 1, stroke: (plot) => resolvedVariable(plot.root, '--border') },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((value) => (value == null ? '' : format(value))),
  }
}
