import type { Job, JobCourse, JobStatus } from '#lib/training/job.types.ts'
import { hasEnded, pathStatuses } from '../job-status.ts'

export interface TimelineStage {
  status: JobStatus
  state: 'done' | 'now' | 'ahead' | 'failed' | 'stopped'
  /** When it was reached, the last time where there were several; null where nobody noted it. */
  at: string | null
  /** The whole training's length belongs to it. */
  lasts: boolean
}

type Times = Pick<Job, 'status' | 'created_at' | 'started_at' | 'ended_at'>
type PathStatus = (typeof pathStatuses)[number]

/** The states that a job has been through, is in, and has ahead of it. */
export function timelineOf(job: Times, course: JobCourse = []): TimelineStage[] {
  const ended = hasEnded(job.status)
  const times = timesOf(job, course)
  const reached = ended ? lastReached(times) : pathStatuses.indexOf(job.status as PathStatus)
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

function timesOf(job: Times, course: JobCourse): Partial<Record<JobStatus, string>> {
  const times: Partial<Record<JobStatus, string>> = {}
  for (const event of course) if (event.type === 'status') times[event.data.status] = event.at
  if (job.started_at) times.running = job.started_at
  // A job that asks again after its provider had no room is queued more than once; the first time is the one that counts.
  return { ...times, queued: job.created_at }
}

function lastReached(times: Partial<Record<JobStatus, string>>): number {
  if (times.running) return pathStatuses.length - 1
  return pathStatuses.findLastIndex((status) => times[status] !== undefined)
}

function endState(status: JobStatus): TimelineStage['state'] {
  if (status === 'succeeded') return 'done'
  return status === 'failed' || status === 'lost' ? 'failed' : 'stopped'
}
