'use client'

import { useQueries } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useMemo, useState } from 'react'
import type { Range } from '#components/charts/thin.ts'
import { useBreadcrumbLeaf } from '#components/frame/Breadcrumb.tsx'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card, Section } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { CurveControls } from '../curves/CurveControls.tsx'
import { type CurveView, firstView } from '../curves/curve-view.ts'
import { chartsFor } from '../curves/metric-catalog.ts'
import { CompareTable } from './CompareTable.tsx'
import { compareLines } from './compare-lines.ts'
import { compareQuery } from './compare-query.ts'
import type { ComparedJob } from './compared-job.ts'

const LineChart = dynamic(async () => (await import('#components/charts/LineChart.tsx')).LineChart, {
  ssr: false,
  loading: () => <Skeleton className="h-72" />,
})

/** Several jobs' curves over each other, and what differs between them. */
export function CompareScreen({ ids }: { ids: readonly string[] }) {
  useBreadcrumbLeaf('Compare')
  const answers = useQueries({ queries: ids.map(compareQuery) })
  const failed = answers.find((answer) => answer.isError)
  const jobs = answers.flatMap(({ data }, place) => (data ? [{ ...data, place }] : []))
  return (
    <div className="mx-auto grid max-w-7xl gap-6">
      <div className="-mb-6">
        <PageHeading title="Compare jobs" description="The same measurements of several trainings." />
      </div>
      {failed && (
        <ErrorState
          title="A job could not be loaded"
          error={failed.error}
          retry={() => {
            for (const answer of answers) if (answer.isError) void answer.refetch()
          }}
        />
      )}
      {ids.length === 0 ? (
        <Card>
          <EmptyState
            title="Tick two or more jobs in the list to compare them."
            actions={
              <Button asChild>
                <Link href="/jobs">Go to the jobs</Link>
              </Button>
            }
          />
        </Card>
      ) : jobs.length === 0 && !failed ? (
        <Skeleton className="h-[28rem]" />
      ) : (
        <>
          <ComparedCurves jobs={jobs} />
          <CompareTable jobs={jobs} />
        </>
      )}
    </div>
  )
}

function ComparedCurves({ jobs }: { jobs: readonly ComparedJob[] }) {
  const [view, setView] = useState<CurveView>(firstView)
  const [range, setRange] = useState<Range | null>(null)
  const names = [...new Set(jobs.flatMap(({ series }) => series.names))]
  const charts = chartsFor(names).flatMap(({ title, unit, names: measured }) =>
    measured.map((name, index) => ({
      title: index ? `Evaluation ${title.toLowerCase()}` : title,
      unit,
      name,
    })),
  )
  return (
    <Section
      title="Curves"
      aside={
        <CurveControls
          view={view}
          onView={(next) => {
            if (next.xAxis !== view.xAxis) setRange(null)
            setView(next)
          }}
          zoomed={range !== null}
          onZoomOut={() => setRange(null)}
        />
      }
    >
      {charts.length === 0 && <EmptyState title="None of these jobs has measured anything." />}
      <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
        {charts.map(({ title, unit, name }, index) => (
          <div key={name} className={index === 0 ? 'min-w-0 md:col-span-2' : 'min-w-0'}>
            <ComparedMetric
              {...{ jobs, name, title, unit, view, range, setRange }}
              height={index === 0 ? 300 : 170}
              logarithmic={index === 0 && view.logarithmic}
            />
          </div>
        ))}
      </div>
    </Section>
  )
}

interface ComparedMetricProps {
  jobs: readonly ComparedJob[]
  name: string
  title: string
  unit: string | undefined
  view: CurveView
  range: Range | null
  setRange: (range: Range | null) => void
  height: number
  logarithmic: boolean
}

function ComparedMetric({ jobs, name, title, unit, view, range, setRange, ...looks }: ComparedMetricProps) {
  const key = jobs.map(({ job, series }) => `${job.id}:${series.lastEventId}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the jobs and how far their stores have grown
  const lines = useMemo(() => compareLines(jobs, name, view), [key, name, view])
  return (
    <LineChart
      {...looks}
      title={title}
      unit={unit}
      lines={lines}
      xAxis={view.xAxis}
      syncKey="compare"
      range={range}
      onRange={setRange}
    />
  )
}
