'use client'

import { useQuery } from '@tanstack/react-query'
import { Link2, Sparkles } from 'lucide-react'
import Link from 'next/link'
import { statusWords } from '#components/jobs/job-status.ts'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { listDatasetActivity } from '#lib/client/datasets.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import type { DatasetActivity } from '#lib/training/dataset-activity.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { datasetKeys } from '../dataset-queries.ts'

type Entry = DatasetActivity['activity'][number]

/** Every link that was issued and every job that learned from the dataset. */
export function ActivityPanel({ dataset }: { dataset: Dataset }) {
  const answer = useQuery({
    queryKey: datasetKeys.activity(dataset.id),
    queryFn: ({ signal }) => listDatasetActivity(browserApi, dataset.id, signal),
  })
  if (answer.isError)
    return (
      <ErrorState
        title="The activity could not be loaded"
        error={answer.error}
        retry={() => answer.refetch()}
      />
    )
  if (!answer.data)
    return (
      <Loading label="Loading the activity" className="grid gap-2">
        <Skeleton className="h-5 w-48" />
        <Skeleton className="h-32" />
      </Loading>
    )
  const { activity, link_count: links, job_count: jobs } = answer.data
  if (activity.length === 0)
    return (
      <EmptyState
        title="No link was issued and no job has used it yet."
        className="rounded-md border border-dashed"
      />
    )
  return (
    <div className="grid gap-3">
      <p className="text-muted-foreground">
        {formatPlural(links, 'link')} issued, {formatPlural(jobs, 'job')}.
        {links + jobs > activity.length ? ' The newest are listed.' : ''}
      </p>
      <ol className="divide-y rounded-md border bg-card">
        {activity.map((entry) => (
          <li key={keyOf(entry)} className="flex items-start gap-3 px-4 py-3">
            {entry.kind === 'link' ? <LinkEntry entry={entry} /> : <JobEntry entry={entry} />}
            <RelativeTime
              value={entry.at}
              className="ml-auto shrink-0 text-muted-foreground text-xs leading-5"
            />
          </li>
        ))}
      </ol>
    </div>
  )
}

function LinkEntry({ entry }: { entry: Extract<Entry, { kind: 'link' }> }) {
  return (
    <>
      <Link2 className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-hidden />
      <p className="min-w-0 break-words">
        Link issued{' '}
        {entry.job ? (
          <>
            to <JobLink job={entry.job} />
          </>
        ) : (
          'to you'
        )}
        <span className="block text-muted-foreground text-xs">
          ends <RelativeTime value={entry.expires_at} />
        </span>
      </p>
    </>
  )
}

function JobEntry({ entry }: { entry: Extract<Entry, { kind: 'job' }> }) {
  return (
    <>
      <Sparkles className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-hidden />
      <p className="min-w-0 break-words">
        Job <JobLink job={entry.job} />
        <span className="block text-muted-foreground text-xs">
          {statusWords[entry.status].label}, {trainingProviderLabels[entry.provider]}
        </span>
      </p>
    </>
  )
}

function JobLink({ job }: { job: { id: string; name: string } }) {
  return (
    <Link href={`/jobs/${job.id}`} className="underline-offset-4 hover:underline">
      <bdi>{job.name}</bdi>
    </Link>
  )
}

function keyOf(entry: Entry): string {
  return `${entry.kind} ${entry.at} ${entry.job?.id}`
}
