import type { Job } from '#lib/training/job.types.ts'

/** Below this share of the way an estimate would be a guess. */
const shareMin = 0.01

export interface StepAt {
  step: number
  /** Milliseconds since the epoch. */
  at: number
}

/**
 * Seconds until the last step, at the pace of the given measurements; null when nobody can know yet.
 * The pace is that of the last half of them, so that a slow start is soon forgotten.
 */
export function timeLeftAtPace(points: readonly StepAt[], totalSteps: number | null): number | null {
  const last = points.at(-1)
  if (!last || totalSteps === null || totalSteps <= 0) return null
  if (last.step >= totalSteps) return 0
  const first = points[Math.floor((points.length - 1) / 2)]
  if (!first || last.step <= first.step || last.at <= first.at) return null
  const secondsPerStep = (last.at - first.at) / 1000 / (last.step - first.step)
  return secondsPerStep * (totalSteps - last.step)
}

/** Seconds left by what the job itself says, where no measurements are at hand; null unless it runs and moves. */
export function timeLeftOf(
  job: Pick<Job, 'status' | 'progress' | 'started_at' | 'last_heartbeat_at' | 'updated_at'>,
  now: number,
): number | null {
  if (job.status !== 'running' || !job.progress || !job.started_at) return null
  const { step, total_steps: totalSteps } = job.progress
  if (!totalSteps || step === 0 || step / totalSteps < shareMin) return null
  if (step >= totalSteps) return 0
  const measuredAt = Date.parse(job.last_heartbeat_at ?? job.updated_at)
  const elapsed = (measuredAt - Date.parse(job.started_at)) / 1000
  if (elapsed <= 0) return null
  const sinceMeasured = Math.max(0, (now - measuredAt) / 1000)
  return Math.max(0, (elapsed / step) * (totalSteps - step) - sinceMeasured)
}

/** How much of the way is done, from 0 to 1; null where the way's length is unknown. */
export function shareDone(progress: Job['progress']): number | null {
  if (!progress?.total_steps) return null
  return Math.min(1, progress.step / progress.total_steps)
}
