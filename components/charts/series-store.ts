import type { MetricPoint } from '#lib/training/job.types.ts'
import { GrowableColumn } from './growable-column.ts'
import { lowerBound } from './lower-bound.ts'

/** Not curves: where a point lies, and how far the whole way is. */
const positions = new Set(['step', 'total_steps', 'epoch', 'at'])

/**
 * A job's measurements as columns over its steps, in ascending order of steps.
 *
 * Each event is taken once: ids grow, and one that is not above the last is a repetition. Points of the same
 * step join into one row, and a step that comes again (a run resumed from a checkpoint) replaces its values.
 */
export class SeriesStore {
  readonly steps = new GrowableColumn()
  /** Milliseconds since the epoch; NaN where the runner sent none. */
  readonly times = new GrowableColumn()
  readonly #columns = new Map<string, GrowableColumn>()
  #latest: Partial<MetricPoint> = {}
  #lastEventId = 0

  get length(): number {
    return this.steps.length
  }

  get lastEventId(): number {
    return this.#lastEventId
  }

  /** What was measured last of each kind, with the place it was measured at; empty before the first point. */
  get latest(): Readonly<Partial<MetricPoint>> {
    return this.#latest
  }

  get names(): string[] {
    return [...this.#columns.keys()]
  }

  /** Values by row, NaN where a row has none; null for a name that was never measured. */
  column(name: string): Float64Array | null {
    return this.#columns.get(name)?.view() ?? null
  }

  /** False when the event was known already. */
  append(eventId: number, points: readonly MetricPoint[]): boolean {
    if (eventId <= this.#lastEventId) return false
    this.#lastEventId = eventId
    for (const point of points) this.#place(point)
    return true
  }

  #place(point: MetricPoint): void {
    const row = this.#rowOf(point.step)
    if (row === this.steps.length - 1) this.#latest = { ...this.#latest, ...point }
    const time = point.at ? Date.parse(point.at) : Number.NaN
    if (!Number.isNaN(time)) this.times.set(row, time)
    for (const [name, value] of Object.entries(point)) {
      if (positions.has(name) || typeof value !== 'number') continue
      this.#columnOf(name).set(row, value)
    }
  }

  #rowOf(step: number): number {
    const last = this.steps.length - 1
    if (last >= 0 && this.steps.at(last) === step) return last
    const row = last < 0 || step > this.steps.at(last) ? last + 1 : lowerBound(this.steps.view(), step)
    if (this.steps.at(row) === step) return row
    this.steps.insert(row, step)
    this.times.insert(row, Number.NaN)
    for (const column of this.#columns.values()) column.insert(row, Number.NaN)
    return row
  }

  #columnOf(name: string): GrowableColumn {
    const known = this.#columns.get(name)
    if (known) return known
    const column = new GrowableColumn()
    while (column.length < this.steps.length) column.push(Number.NaN)
    this.#columns.set(name, column)
    return column
  }
}
