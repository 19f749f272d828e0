import type { Curve } from './curve.ts'

/** One line of a chart as its reader knows it. */
export interface ChartLine {
  key: string
  label: string
  curve: Curve
  /** The measurements behind a smoothed curve, drawn faintly. */
  raw?: Curve
  /** Which colour of the palette. */
  place: number
}
