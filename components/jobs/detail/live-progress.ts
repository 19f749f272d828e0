import type { SeriesStore } from '#components/charts/series-store.ts'
import type { Job, JobProgress } from '#lib/training/job.types.ts'
import { timeLeftAtPace } from '../time-left.ts'

const paceSamples = 40

const unknownLength: JobProgress = { step: 0, total_steps: null, epoch: null }

/** The job's own progress, moved on to the last step that was measured since the job was read. */
export function liveProgress(job: Pick<Job, 'progress'>, series: SeriesStore): JobProgress | null {
  const last = series.steps.at(series.length - 1)
  const known = job.progress ?? unknownLength
  if (Number.isNaN(last) || last <= known.step) return job.progress
  return { ...known, step: last }
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
