import type { ChartLine } from '#components/charts/chart.types.ts'
import type { CurveView } from '../curves/curve-view.ts'
import { jobLines } from '../curves/job-lines.ts'
import type { ComparedJob } from './compared-job.ts'

/** One measurement of several jobs; those that lack it are left out. */
export function compareLines(jobs: readonly ComparedJob[], name: string, view: CurveView): ChartLine[] {
  return jobs.flatMap(({ job, series, place }) => {
    const startedAt = Date.parse(job.started_at ?? job.created_at)
    return jobLines(series, [name], view, startedAt)
      .filter((line) => line.curve.xs.length > 0)
      .map((line) => ({ ...line, key: job.id, label: job.name, place }))
  })
}
