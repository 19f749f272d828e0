import type { Job, JobStatus } from '#lib/training/job.types.ts'
import { hasEnded, pathStatuses } from '../job-status.ts'

export interface TimelineStage {
  status: JobStatus
  state: 'done' | 'now' | 'ahead' | 'failed' | 'stopped'
  /** When it was reached; null where nobody noted it. */
  at: string | null
  /** The whole training's length belongs to it. */
  lasts: boolean
}

/** The states that a job has been through, is in, and has ahead of it. */
export function timelineOf(
  job: Pick<Job, 'status' | 'created_at' | 'started_at' | 'ended_at'>,
): TimelineStage[] {
  const ended = hasEnded(job.status)
  const times: Partial<Record<JobStatus, string | null>> = { queued: job.created_at, running: job.started_at }
  const reached = ended
    ? job.started_at
      ? pathStatuses.length - 1
      : 0
    : pathStatuses.indexOf(job.status as (typeof pathStatuses)[number])
  const path = ended ? pathStatuses.slice(0, reached + 1) : pathStatuses
  const stages = path.map((status, index): TimelineStage => {
    const state = index < reached || ended ? 'done' : index === reached ? 'now' : 'ahead'
    return { status, state, at: state === 'ahead' ? null : (times[status] ?? null), lasts: false }
  })
  if (!ended) return [...stages, { status: 'succeeded', state: 'ahead', at: null, lasts: false }]
  const last = {
    status: job.status,
    state: endState(job.status),
    at: job.ended_at,
    lasts: job.started_at !== null,
  }
  return [...stages, last]
}

function endState(status: JobStatus): TimelineStage['state'] {
  if (status === 'succeeded') return 'done'
  return status === 'failed' || status === 'lost' ? 'failed' : 'stopped'
}
