'use client'

import 'uplot/dist/uPlot.min.css'
import { useMemo, useRef, useState } from 'react'
import { align } from './align.ts'
import { ChartCursor } from './ChartCursor.tsx'
import { ChartLegend } from './ChartLegend.tsx'
import { ChartTable } from './ChartTable.tsx'
import type { ChartLine } from './chart.types.ts'
import type { XAxis } from './curve.ts'
import { describeLines, extentOf, positiveOnly } from './line-extent.ts'
import { type Range, thin } from './thin.ts'
import { useElementWidth } from './use-element-width.ts'
import { usePlot } from './use-plot.ts'

export interface LineChartProps {
  title: string
  unit?: string | undefined
  lines: readonly ChartLine[]
  xAxis: XAxis
  logarithmic?: boolean
  height?: number
  /** Charts with the same key show the same place of x. */
  syncKey?: string
  range: Range | null
  onRange: (range: Range | null) => void
}

/** Curves with the values under the pointer beside their names, a keyboard's way through them, and a table. */
export function LineChart(props: LineChartProps) {
  const { title, unit, lines, xAxis, logarithmic = false, height = 220, syncKey, range, onRange } = props
  const frame = useRef<HTMLDivElement>(null)
  const width = useElementWidth(frame)
  const [cursor, setCursor] = useState<number | null>(null)
  const full = useMemo(() => extentOf(lines), [lines])
  const domain = range ?? full
  const data = useMemo(() => {
    const drawn = lines.flatMap((line) => (line.raw ? [line.raw, line.curve] : [line.curve]))
    const columns = Math.max(200, width)
    return align(drawn.map((curve) => thin(logarithmic ? positiveOnly(curve) : curve, columns, domain)))
  }, [lines, width, logarithmic, domain])
  const plot = usePlot(frame, {
    width,
    height,
    lines,
    xAxis,
    logarithmic,
    syncKey,
    data,
    domain,
    onCursor: setCursor,
    onSelect: onRange,
    onReset: () => onRange(null),
  })
  const shownCursor = (index: number | null) => {
    const x = index === null ? undefined : data[0][index]
    const left = x === undefined || !plot.current ? -10 : plot.current.valToPos(x, 'x')
    plot.current?.setCursor({ left, top: left < 0 ? -10 : height / 3 })
  }
  return (
    <figure className="group min-w-0">
      <figcaption className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className="font-medium text-sm">
          {title} {unit && <span className="ml-0.5 font-normal text-muted-foreground text-xs">{unit}</span>}
        </h3>
        <ChartLegend lines={lines} xAxis={xAxis} cursor={cursor} />
      </figcaption>
      <p className="sr-only">{describeLines(title, lines, xAxis)}</p>
      <div className="relative rounded-md group-focus-within:has-[input:focus-visible]:ring-2 group-focus-within:has-[input:focus-visible]:ring-ring">
        <div ref={frame} aria-hidden="true" className="w-full overflow-hidden" style={{ height }} />
        <ChartCursor title={title} xs={data[0]} lines={lines} xAxis={xAxis} onMove={shownCursor} />
      </div>
      <ChartTable title={title} lines={lines} xAxis={xAxis} />
    </figure>
  )
}
