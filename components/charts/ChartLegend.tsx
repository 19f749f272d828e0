import { formatMeasure } from '#lib/display/number-format.ts'
import type { ChartLine } from './chart.types.ts'
import { paletteVariable } from './chart-palette.ts'
import type { XAxis } from './curve.ts'
import { formatX } from './line-extent.ts'
import { nearestIndex } from './lower-bound.ts'

interface ChartLegendProps {
  lines: readonly ChartLine[]
  xAxis: XAxis
  /** Null: the last value of each line is shown. */
  cursor: number | null
}

/** The names of the lines with their values at the cursor; widths do not jump while it moves. */
export function ChartLegend({ lines, xAxis, cursor }: ChartLegendProps) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs">
      {lines.map(({ key, label, curve, raw, place }) => {
        const index = cursor === null ? curve.xs.length - 1 : nearestIndex(curve.xs, cursor)
        const value = curve.ys[index]
        const measured = raw?.ys[index]
        return (
          <span key={key} className="flex min-w-0 items-baseline gap-1.5">
            <span
              className="h-0.5 w-3 shrink-0 self-center rounded-full"
              style={{ background: `var(${paletteVariable(place)})` }}
            />
            <span className="max-w-56 truncate text-muted-foreground" title={label}>
              {label}
            </span>
            <span
              className="min-w-11 tabular-nums"
              title={measured === undefined ? undefined : `Measured ${measured}`}
            >
              {value === undefined ? '–' : formatMeasure(value)}
            </span>
          </span>
        )
      })}
      <span className="min-w-16 text-right text-muted-foreground tabular-nums">
        {cursor === null ? 'latest' : formatX(cursor, xAxis)}
      </span>
    </span>
  )
}
