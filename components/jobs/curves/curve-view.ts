import type { XAxis } from '#components/charts/curve.ts'

/** How the curves of a page are looked at. */
export interface CurveView {
  xAxis: XAxis
  /** From 0 to below 1. */
  smoothing: number
  logarithmic: boolean
}

export const firstView: CurveView = { xAxis: 'step', smoothing: 0, logarithmic: false }
export const smoothingMax = 0.99
