/**
 * The life of a job.
 *
 *      +----------+------------+-----------+     no room at the provider; a machine that is to blame, and replaced
 *      v          |            |           |
 *   queued -> launching -> starting -> running -> succeeded | failed | timed_out
 *      \          \            \          \
 *       +----------+------------+----------+--> cancelled | failed | lost
 *
 * `queued`: wanted, no provider has been asked, or had no room. `launching`: a process is asking. `starting`: the provider has it,
 * the runner has not reported. `running`: the runner reports. The rest are ends, and no end is ever left.
 * A change is one update fenced by the states it may come from, so of two processes that disagree one wins.
 */
import type { JobStatus } from '#lib/training/job.types.ts'

export const nextStatuses = {
  queued: ['launching', 'cancelled', 'failed'],
  launching: ['starting', 'running', 'queued', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost'],
  starting: ['running', 'queued', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost'],
  running: ['queued', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost'],
  succeeded: [],
  failed: [],
  cancelled: [],
  timed_out: [],
  lost: [],
} as const satisfies Record<JobStatus, readonly JobStatus[]>

export function isEnd(status: JobStatus): boolean {
  return nextStatuses[status].length === 0
}

export function mayFollow(from: JobStatus, to: JobStatus): boolean {
  return (nextStatuses[from] as readonly JobStatus[]).includes(to)
}

/** The states from which a job may come to this one. */
export function statusesBefore(to: JobStatus): JobStatus[] {
  return (Object.keys(nextStatuses) as JobStatus[]).filter((from) => mayFollow(from, to))
}
