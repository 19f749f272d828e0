'use client'

import { Section } from '#components/ui/card.tsx'
import { cn } from '#components/ui/class-names.ts'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Job } from '#lib/training/job.types.ts'
import { JobDuration } from '../JobDuration.tsx'
import { useJobCourse } from '../job-queries.ts'
import { statusWords } from '../job-status.ts'
import { type TimelineStage, timelineOf } from './timeline.ts'

const dotStyles = {
  done: 'border-success bg-success',
  now: 'border-primary bg-primary ring-4 ring-primary-soft',
  ahead: 'border-input bg-card',
  failed: 'border-danger bg-danger',
  stopped: 'border-warning bg-warning',
} as const satisfies Record<TimelineStage['state'], string>

/** The way of a job through its states, with the times that are known. */
export function JobTimeline({ job }: { job: Job }) {
  const course = useJobCourse(job.id)
  const stages = timelineOf(job, course.data)
  return (
    <Section title="Timeline">
      <ol className="grid">
        {stages.map((stage, index) => (
          <li
            key={stage.status}
            aria-current={stage.state === 'now' ? 'step' : undefined}
            className="relative grid grid-cols-[0.625rem_minmax(0,1fr)] gap-3 pb-4 last:pb-0"
          >
            {index < stages.length - 1 && (
              <span aria-hidden className="absolute top-4 bottom-[-0.125rem] left-[0.28rem] w-px bg-border" />
            )}
            <span aria-hidden className={cn('mt-1.5 size-2.5 rounded-full border', dotStyles[stage.state])} />
            <span className={cn('grid gap-0.5', stage.state === 'ahead' && 'text-muted-foreground')}>
              <span className="flex flex-wrap justify-between gap-x-3">
                <span className={stage.state === 'now' ? 'font-medium' : ''}>
                  {statusWords[stage.status].label}
                </span>
                <span className="text-muted-foreground text-xs">
                  {stage.at ? <RelativeTime value={stage.at} /> : null}
                </span>
              </span>
              {stage.state === 'now' && (
                <span className="text-muted-foreground text-xs">{meaningNow(job)}</span>
              )}
              {stage.lasts && (
                <span className="text-muted-foreground text-xs">
                  Took <JobDuration job={job} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

function meaningNow({ status, provider_ref: ref, last_heartbeat_at: heard }: Job): string {
  if (status === 'starting' && ref?.startsWith('notebook:') && heard === null)
    return 'The notebook waits for somebody to run it.'
  return statusWords[status].meaning
}
