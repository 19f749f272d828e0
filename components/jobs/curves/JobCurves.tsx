'use client'

import { LineChart as LineIcon } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useMemo, useState } from 'react'
import type { Range } from '#components/charts/thin.ts'
import { Section } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { Job } from '#lib/training/job.types.ts'
import type { LiveFeed } from '../feed/use-job-feed.ts'
import { hasEnded } from '../job-status.ts'
import { CurveControls } from './CurveControls.tsx'
import { type CurveView, firstView } from './curve-view.ts'
import { jobLines } from './job-lines.ts'
import { chartsFor, type MetricChart } from './metric-catalog.ts'

const LineChart = dynamic(async () => (await import('#components/charts/LineChart.tsx')).LineChart, {
  ssr: false,
  loading: () => <Skeleton className="h-72" />,
})

/** A job's measurements over its steps: the loss large, the rest in two columns, all at the same place of x. */
export function JobCurves({ job, live }: { job: Job; live: LiveFeed }) {
  const [view, setView] = useState<CurveView>(firstView)
  const [range, setRange] = useState<Range | null>(null)
  const charts = chartsFor(live.feed.series.names)
  const changeView = (next: CurveView) => {
    if (next.xAxis !== view.xAxis) setRange(null)
    setView(next)
  }
  return (
    <Section
      title="Curves"
      aside={
        charts.length > 0 && (
          <CurveControls
            view={view}
            onView={changeView}
            zoomed={range !== null}
            onZoomOut={() => setRange(null)}
          />
        )
      }
    >
      {charts.length === 0 ? (
        <NoCurves job={job} loading={live.connection === 'loading'} />
      ) : (
        <div className="grid gap-x-8 gap-y-6 md:grid-cols-2">
          {charts.map((chart, index) => (
            <div key={chart.title} className={index === 0 ? 'min-w-0 md:col-span-2' : 'min-w-0'}>
              <MetricLines
                {...{ job, live, chart, view, range, setRange }}
                height={index === 0 ? 280 : 160}
                logarithmic={index === 0 && view.logarithmic}
              />
            </div>
          ))}
        </div>
      )}
    </Section>
  )
}

interface MetricLinesProps {
  job: Job
  live: LiveFeed
  chart: MetricChart
  view: CurveView
  range: Range | null
  setRange: (range: Range | null) => void
  height: number
  logarithmic: boolean
}

function MetricLines({ job, live, chart, view, range, setRange, height, logarithmic }: MetricLinesProps) {
  const { series } = live.feed
  const startedAt = Date.parse(job.started_at ?? job.created_at)
  const names = chart.names.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is one object; its version says that it grew
  const lines = useMemo(
    () => jobLines(series, names.split(','), view, startedAt),
    [series, live.metricsVersion, names, view, startedAt],
  )
  return (
    <LineChart
      title={chart.title}
      unit={chart.unit}
      lines={lines}
      xAxis={view.xAxis}
      logarithmic={logarithmic}
      height={height}
      syncKey={job.id}
      range={range}
      onRange={setRange}
    />
  )
}

function NoCurves({ job, loading }: { job: Job; loading: boolean }) {
  if (loading) return <Skeleton className="h-72" />
  if (hasEnded(job.status))
    return <EmptyState icon={<LineIcon />} title="It ended before the first measurement." />
  return (
    <EmptyState icon={<LineIcon />} title="No measurements yet.">
      <p>The loss appears here with the first training step.</p>
    </EmptyState>
  )
}
