'use client'

import { Progress } from '#components/ui/progress.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { hasEnded } from './job-status.ts'
import { shareDone, timeLeftOf } from './time-left.ts'
import { useNow } from './use-now.ts'

interface JobProgressProps {
  job: Job
  /** Seconds; a better estimate than the job's own averages give. */
  timeLeft?: number | null
  compact?: boolean
}

/** How far a job is, and how long the rest takes. The bar's place is kept while nothing is known. */
export function JobProgress({ job, timeLeft, compact = false }: JobProgressProps) {
  const running = job.status === 'running'
  const now = useNow(running)
  const share = job.status === 'succeeded' ? 1 : shareDone(job.progress)
  const left = timeLeft ?? (now === null ? null : timeLeftOf(job, now))
  const moving = running && left !== null
  const words = stepWords(job, compact)
  return (
    <div className={compact ? 'grid gap-1' : 'grid gap-2'}>
      {share === null && hasEnded(job.status) ? (
        <div className="h-1.5 rounded-full bg-hover" />
      ) : (
        <Progress
          value={share ?? (running ? null : 0)}
          label={`Progress of ${job.name}`}
          className={hasEnded(job.status) ? '[&>*]:bg-muted-foreground' : undefined}
        />
      )}
      <div className="flex flex-wrap justify-between gap-x-3 text-muted-foreground text-xs">
        <span>{words}</span>
        {moving && <span>{left < 1 ? 'almost done' : `${formatDuration(left)} left`}</span>}
      </div>
    </div>
  )
}

function stepWords({ progress, status }: Job, compact: boolean): string {
  if (!progress) return hasEnded(status) ? 'No steps' : 'No steps yet'
  const { step, total_steps: total, epoch } = progress
  const steps = total ? `${formatCount(step)} / ${formatCount(total)}` : formatCount(step)
  const epochs = epoch === null || compact ? '' : `, epoch ${Number(epoch.toFixed(2))}`
  return compact ? `${steps} steps` : `Step ${steps}${epochs}`
}
