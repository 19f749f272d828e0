import type { SeriesStore } from '#components/charts/series-store.ts'
import type { Job } from '#lib/training/job.types.ts'
import { timeLeftAtPace } from '../time-left.ts'

const paceSamples = 40

type Course = Pick<Job, 'progress' | 'metrics'>

/** A job moved on to what was measured since it was read: how far it is, and the last values. */
export function liveJob<T extends Course>(job: T, { latest }: Pick<SeriesStore, 'latest'>): T {
  const { step, total_steps, epoch, at: _, ...metrics } = latest
  if (step === undefined || step <= (job.progress?.step ?? 0)) return job
  const progress = {
    step,
    total_steps: total_steps ?? job.progress?.total_steps ?? null,
    epoch: epoch ?? job.progress?.epoch ?? null,
  }
  return { ...job, progress, metrics: { ...job.metrics, ...metrics } }
}

/** Seconds left at the pace of the last measurements; null when it does not run or nobody knows. */
export function paceOf(job: Pick<Job, 'status' | 'progress'>, series: SeriesStore): number | null {
  if (job.status !== 'running') return null
  const from = Math.max(0, series.length - paceSamples)
  const points = Array.from({ length: series.length - from }, (_, index) => ({
    step: series.steps.at(from + index),
    at: series.times.at(from + index),
  })).filter((point) => !Number.isNaN(point.at))
  return timeLeftAtPace(points, job.progress?.total_steps ?? null)
}
