'use client'

import { ListChecks } from 'lucide-react'
import Link from 'next/link'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import { comparedMax } from '../compare/compared-ids.ts'
import { useJobList } from '../job-queries.ts'
import { CompareBar } from './CompareBar.tsx'
import { JobFilters } from './JobFilters.tsx'
import { JobListSkeleton } from './JobListSkeleton.tsx'
import { JobTable } from './JobTable.tsx'
import { useJobListView } from './use-job-list-view.ts'

export function JobListScreen() {
  const { view, change } = useJobListView()
  const { filter, compared } = view
  const list = useJobList(filter)
  const jobs = list.data?.pages.flatMap((page) => page.jobs) ?? []
  const count = list.data?.pages[0]?.count ?? 0
  const filtered = Boolean(filter.status || filter.provider)
  return (
    <div className="mx-auto max-w-7xl">
      <PageHeading
        title="Jobs"
        description="Trainings that ran, run and wait."
        actions={
          <Button variant="primary" asChild>
            <Link href="/training">New training</Link>
          </Button>
        }
      />
      {list.isError && !list.data ? (
        <ErrorState title="The jobs could not be loaded" error={list.error} retry={() => list.refetch()} />
      ) : list.isPending ? (
        <JobListSkeleton />
      ) : jobs.length === 0 && !filtered ? (
        <NoJobs />
      ) : (
        <div className="grid gap-4">
          <JobFilters filter={filter} onFilter={(next) => change({ filter: next })} count={count} />
          {jobs.length === 0 ? (
            <Card>
              <EmptyState
                title="No job matches these filters."
                actions={<Button onClick={() => change({ filter: {} })}>Clear filters</Button>}
              />
            </Card>
          ) : (
            <JobTable
              jobs={jobs}
              compared={compared}
              comparedMax={comparedMax}
              onCompared={(ids) => change({ compared: ids })}
            />
          )}
          {list.hasNextPage && (
            <div className="flex items-center justify-center gap-3 text-muted-foreground">
              <span>
                {formatCount(jobs.length)} of {formatCount(count)}
              </span>
              <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </div>
      )}
      <CompareBar ids={compared} onClear={() => change({ compared: [] })} />
    </div>
  )
}

function NoJobs() {
  return (
    <Card>
      <EmptyState
        icon={<ListChecks />}
        title="No training has been launched yet."
        actions={
          <Button variant="primary" asChild>
            <Link href="/training">Set up a training</Link>
          </Button>
        }
      >
        <p>Each one appears here with its progress, its loss and its log.</p>
      </EmptyState>
    </Card>
  )
}
