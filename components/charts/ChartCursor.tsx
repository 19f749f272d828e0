import { useState } from 'react'
import { formatMeasure } from '#lib/display/number-format.ts'
import type { ChartLine } from './chart.types.ts'
import type { XAxis } from './curve.ts'
import { formatX } from './line-extent.ts'
import { nearestIndex } from './lower-bound.ts'

interface ChartCursorProps {
  title: string
  xs: readonly number[]
  lines: readonly ChartLine[]
  xAxis: XAxis
  onMove: (index: number | null) => void
}

/** A slider that is heard and not seen: arrow keys walk along the curves and say the values. */
export function ChartCursor({ title, xs, lines, xAxis, onMove }: ChartCursorProps) {
  const [index, setIndex] = useState(0)
  const last = Math.max(0, xs.length - 1)
  const at = Math.min(index, last)
  const x = xs[at]
  const values = lines.map(({ label, curve }) => {
    const value = x === undefined ? undefined : curve.ys[nearestIndex(curve.xs, x)]
    return `${label} ${value === undefined ? 'not measured' : formatMeasure(value)}`
  })
  const move = (next: number) => {
    setIndex(next)
    onMove(next)
  }
  return (
    <input
      type="range"
      min={0}
      max={last}
      step={1}
      value={at}
      disabled={xs.length === 0}
      aria-label={`Walk along ${title}`}
      aria-valuetext={x === undefined ? 'No measurements yet' : `${formatX(x, xAxis)}: ${values.join(', ')}`}
      className="sr-only"
      onChange={(event) => move(event.currentTarget.valueAsNumber)}
      onFocus={() => onMove(at)}
      onBlur={() => onMove(null)}
    />
  )
}
