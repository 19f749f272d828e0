'use client'

import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import { Section } from '#components/ui/card.tsx'
import { cn } from '#components/ui/class-names.ts'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Job, JobNotice } from '#lib/training/job.types.ts'
import { useJobCourse } from '../job-queries.ts'
import { noticesOf } from './notices.ts'

const looks = {
  info: { icon: Info, style: 'text-muted-foreground', word: 'Note' },
  warning: { icon: TriangleAlert, style: 'text-warning', word: 'Warning' },
  error: { icon: CircleAlert, style: 'text-danger', word: 'Error' },
} as const satisfies Record<JobNotice['level'], unknown>

/** What its owner should know: no room, a machine that was replaced, a budget that runs out. Nothing while there is nothing. */
export function JobNotices({ job }: { job: Pick<Job, 'id'> }) {
  const course = useJobCourse(job.id)
  const notices = noticesOf(course.data ?? [])
  if (notices.length === 0) return null
  return (
    <Section title="Notices">
      <ul className="grid gap-4">
        {notices.map(({ id, level, code, message, at, times }) => {
          const { icon: Icon, style, word } = looks[level]
          return (
            <li key={id} className="grid grid-cols-[1rem_minmax(0,1fr)] gap-2">
              <Icon aria-label={word} role="img" className={cn('mt-0.5 size-4', style)} />
              <span className="grid gap-0.5">
                <span className="break-words">{message}</span>
                <span className="text-muted-foreground text-xs">
                  <RelativeTime value={at} />
                  {times > 1 && `, said ${times} times`} · <code className="font-mono">{code}</code>
                </span>
              </span>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
