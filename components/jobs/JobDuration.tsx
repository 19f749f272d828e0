'use client'

import { formatDuration } from '#lib/display/time-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { hasEnded } from './job-status.ts'
import { useNow } from './use-now.ts'

type Times = Pick<Job, 'status' | 'created_at' | 'started_at' | 'ended_at'>

/** How long it has trained, or trained in all; for a job that waits, how long it has waited. */
export function JobDuration({ job, className }: { job: Times; className?: string }) {
  const now = useNow(!hasEnded(job.status))
  const until = job.ended_at ? Date.parse(job.ended_at) : now
  if (until === null) return <span className={className}>–</span>
  const seconds = (until - Date.parse(job.started_at ?? job.created_at)) / 1000
  return (
    <span className={className} title={job.started_at ? 'Since it started' : 'Since it was launched'}>
      {formatDuration(seconds)}
    </span>
  )
}
