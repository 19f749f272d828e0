import { useState } from 'react'
import { formatCount, formatMeasure } from '#lib/display/number-format.ts'
import type { ChartLine } from './chart.types.ts'
import { formatElapsed } from './chart-format.ts'
import type { XAxis } from './curve.ts'
import { nearestIndex } from './lower-bound.ts'
import { sample } from './thin.ts'

const rowsMax = 50

interface ChartTableProps {
  title: string
  lines: readonly ChartLine[]
  xAxis: XAxis
}

/** The chart's numbers, evenly spread over at most 50 rows. Nothing is computed while it is closed. */
export function ChartTable({ title, lines, xAxis }: ChartTableProps) {
  const [open, setOpen] = useState(false)
  return (
    <details className="mt-1 text-xs" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer rounded-sm py-1 text-muted-foreground hover:text-foreground">
        Show as table
      </summary>
      {open && <Rows title={title} lines={lines} xAxis={xAxis} />}
    </details>
  )
}

function Rows({ title, lines, xAxis }: ChartTableProps) {
  const longest = lines.reduce((best, line) => (line.curve.xs.length > best.curve.xs.length ? line : best))
  const { xs } = sample(longest.curve, rowsMax)
  return (
    <section
      aria-label={`${title} as a table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-1 max-h-56 overflow-auto rounded-md border"
    >
      <table className="w-full text-right tabular-nums">
        <thead className="sticky top-0 bg-muted">
          <tr>
            <th scope="col" className="px-3 py-1.5 text-left font-medium">
              {xAxis === 'step' ? 'Step' : 'Time'}
            </th>
            {lines.map(({ key, label }) => (
              <th key={key} scope="col" className="max-w-40 truncate px-3 py-1.5 font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...xs].map((x) => (
            <tr key={x} className="border-t">
              <th scope="row" className="px-3 py-1 text-left font-normal">
                {xAxis === 'step' ? formatCount(x) : formatElapsed(x)}
              </th>
              {lines.map(({ key, curve }) => (
                <td key={key} className="px-3 py-1">
                  {formatMeasure(curve.ys[nearestIndex(curve.xs, x)] ?? Number.NaN)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
