'use client'

import { ChartSpline, RotateCcw } from 'lucide-react'
import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Job } from '#lib/training/job.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { JobDuration } from '../JobDuration.tsx'
import { hasEnded } from '../job-status.ts'
import { StatusBadge } from '../StatusBadge.tsx'
import { CancelJob } from './CancelJob.tsx'
import { DeleteJob } from './DeleteJob.tsx'

export function JobHead({ job }: { job: Job }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="grid min-w-0 flex-1 basis-72 gap-2">
        <h1 className="break-words font-medium text-lg">
          <bdi>{job.name}</bdi>
        </h1>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted-foreground">
          <StatusBadge job={job} />
          <JobDuration job={job} />
          <span>{trainingProviderLabels[job.provider]}</span>
          <span>
            launched <RelativeTime value={job.created_at} />
          </span>
          <span className="flex items-center gap-1">
            <code className="font-mono text-xs" title={job.id}>
              {job.id.slice(0, 8)}
            </code>
            <CopyButton value={job.id} what="job id" />
          </span>
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        {hasEnded(job.status) ? <DeleteJob job={job} /> : <CancelJob job={job} />}
        <Button asChild>
          <Link href={`/jobs?compare=${job.id}`}>
            <ChartSpline aria-hidden />
            Compare
          </Link>
        </Button>
        <Button asChild>
          <Link href={`/training?from_job=${job.id}`}>
            <RotateCcw aria-hidden />
            Run again with changes
          </Link>
        </Button>
      </div>
    </div>
  )
}
