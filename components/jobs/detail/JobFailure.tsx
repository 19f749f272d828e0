import { CircleAlert } from 'lucide-react'
import type { Job } from '#lib/training/job.types.ts'
import type { LiveFeed } from '../feed/use-job-feed.ts'
import { statusWords } from '../job-status.ts'
import { readable } from '../log/log-text.ts'

const lastLines = 8

interface JobFailureProps {
  job: Job
  error: NonNullable<Job['error']>
  live: LiveFeed
}

/** What went wrong, in words, by its code, and with the last that was printed. */
export function JobFailure({ job, error, live }: JobFailureProps) {
  const { log } = live.feed
  const from = Math.max(log.start, log.end - lastLines)
  const lines = Array.from({ length: log.end - from }, (_, index) => readable(log.text(from + index)))
  return (
    <section
      aria-label="Why it ended"
      className="grid gap-3 rounded-md border border-danger/40 bg-danger-soft p-4 sm:px-6"
    >
      <div className="flex items-start gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
        <div className="grid min-w-0 gap-1">
          <h2 className="font-medium">{statusWords[job.status].label}</h2>
          <p className="whitespace-pre-wrap break-words">{error.message}</p>
          <p className="break-all font-mono text-xs">{error.code}</p>
        </div>
      </div>
      {lines.length > 0 && (
        <div className="grid gap-1">
          <h3 className="text-xs">The last log lines</h3>
          <pre className="overflow-x-auto rounded-md border bg-card p-3 font-mono text-xs">
            {lines.join('\n')}
          </pre>
        </div>
      )}
    </section>
  )
}
