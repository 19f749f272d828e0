'use client'

import { useBreadcrumbLeaf } from '#components/frame/Breadcrumb.tsx'
import { Card } from '#components/ui/card.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { MissingState } from '#components/ui/missing-state.tsx'
import { isMissing } from '#lib/client/api-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import { JobCurves } from '../curves/JobCurves.tsx'
import { useJobFeed } from '../feed/use-job-feed.ts'
import { JobProgress } from '../JobProgress.tsx'
import { useJob } from '../job-queries.ts'
import { hasEnded, statusWords } from '../job-status.ts'
import { LogViewer } from '../log/LogViewer.tsx'
import { ConnectionNote } from './ConnectionNote.tsx'
import { JobArtifacts } from './JobArtifacts.tsx'
import { JobFailure } from './JobFailure.tsx'
import { JobHead } from './JobHead.tsx'
import { JobHoldings } from './JobHoldings.tsx'
import { JobLeases } from './JobLeases.tsx'
import { JobMoney } from './JobMoney.tsx'
import { JobNotebook } from './JobNotebook.tsx'
import { JobNotices } from './JobNotices.tsx'
import { JobPending } from './JobPending.tsx'
import { JobResult } from './JobResult.tsx'
import { JobSettings } from './JobSettings.tsx'
import { JobSkeleton } from './JobSkeleton.tsx'
import { JobTimeline } from './JobTimeline.tsx'
import { liveJob, paceOf } from './live-job.ts'

export function JobScreen({ id }: { id: string }) {
  const job = useJob(id)
  useBreadcrumbLeaf(job.data?.name)
  if (job.data) return <LoadedJob job={job.data} />
  if (isMissing(job.error)) return <MissingState what="job" list={{ href: '/jobs', label: 'Go to jobs' }} />
  if (job.isError)
    return <ErrorState title="The job could not be loaded" error={job.error} retry={() => job.refetch()} />
  return <JobSkeleton />
}

function LoadedJob({ job: known }: { job: Job }) {
  const ended = hasEnded(known.status)
  const live = useJobFeed(known.id, ended)
  const job = liveJob(known, live.feed.series)
  return (
    <div className="mx-auto grid max-w-7xl gap-6">
      <JobHead job={job} />
      <p role="status" className="sr-only">
        {`${job.name}: ${statusWords[job.status].label}`}
      </p>
      <ConnectionNote live={live} />
      <JobPending job={job} />
      {job.error && ended && <JobFailure job={job} error={job.error} live={live} />}
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-6">
          <JobNotebook job={job} />
          <Card className="p-4 sm:px-6">
            <JobProgress job={job} timeLeft={paceOf(job, live.feed.series)} />
          </Card>
          <JobCurves job={job} live={live} />
          <LogViewer job={job} live={live} />
        </div>
        <aside aria-label="About this job" className="grid min-w-0 content-start gap-6">
          <JobTimeline job={job} />
          <JobNotices job={job} />
          <JobResult job={job} />
          <JobArtifacts job={job} />
          <JobMoney job={job} />
          <JobHoldings job={job} />
          <JobLeases job={job} />
          <JobSettings job={job} />
        </aside>
      </div>
    </div>
  )
}
