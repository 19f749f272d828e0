import type { Curve } from './curve.ts'

export type AlignedCurves = [xs: number[], ...ys: (number | null)[][]]

/** Curves of different steps over one common x, with gaps where a curve has no point. Doubled x stay doubled. */
export function align(curves: readonly Curve[]): AlignedCurves {
  const xs: number[] = []
  const columns: (number | null)[][] = curves.map(() => [])
  const cursors = curves.map(() => 0)
  for (;;) {
    let next = Number.POSITIVE_INFINITY
    for (const [which, curve] of curves.entries()) {
      const x = curve.xs[cursors[which] as number]
      if (x !== undefined && x < next) next = x
    }
    if (next === Number.POSITIVE_INFINITY) return [xs, ...columns]
    xs.push(next)
    for (const [which, curve] of curves.entries()) {
      const cursor = cursors[which] as number
      const here = curve.xs[cursor] === next
      columns[which]?.push(here ? (curve.ys[cursor] as number) : null)
      if (here) cursors[which] = cursor + 1
    }
  }
}
