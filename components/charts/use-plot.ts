import { type RefObject, useEffect, useRef } from 'react'
import uPlot from 'uplot'
import type { AlignedCurves } from './align.ts'
import { type PlotSettings, plotOptions } from './plot-options.ts'

export type PlotInput = Omit<PlotSettings, 'domain'> & {
  data: AlignedCurves
  domain: { min: number; max: number }
}

/**
 * Keeps one uPlot in `frame`: made anew when the structure of the chart changes, fed when only its points do,
 * redrawn when the theme changes.
 */
export function usePlot(frame: RefObject<HTMLElement | null>, input: PlotInput): RefObject<uPlot | null> {
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(input)
  latest.current = input
  const { width, height, lines, xAxis, logarithmic, syncKey, data, domain } = input
  const structure = [lines.map((line) => [line.key, line.place, Boolean(line.raw)]), xAxis, logarithmic]
  const structureKey = JSON.stringify([...structure, syncKey])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the structure key stands for what it is made of
  useEffect(() => {
    if (!frame.current || width === 0) return
    const options = plotOptions({
      ...latest.current,
      domain: () => latest.current.domain,
      onCursor: (x) => latest.current.onCursor(x),
      onSelect: (range) => latest.current.onSelect(range),
      onReset: () => latest.current.onReset(),
    })
    plot.current = new uPlot(options, latest.current.data as uPlot.AlignedData, frame.current)
    return () => {
      plot.current?.destroy()
      plot.current = null
    }
  }, [structureKey, width === 0])

  useEffect(() => plot.current?.setSize({ width, height }), [width, height])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another domain asks for a drawing too
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data, domain.min, domain.max])

  useEffect(() => {
    const observer = new MutationObserver(() => plot.current?.redraw(false))
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-theme'] })
    return () => observer.disconnect()
  }, [])
  return plot
}
