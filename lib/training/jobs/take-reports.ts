import { sql } from 'kysely'
import { batched } from '#lib/db/batched.ts'
import type { Database, Queries } from '#lib/db/database.ts'
import { jsonText } from '#lib/db/json-text.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { JobStatus, MetricPoint, Report } from '#lib/training/job.types.ts'

/** What the database is told of a report: its news, and what they make of the job's last metrics and progress. */
export interface GivenReport {
  job_id: string
  /** Absent: whatever the job's is. */
  status?: JobStatus
  seq?: number
  logs?: Report['logs']
  points?: MetricPoint[]
  metrics?: Record<string, unknown>
  step?: number
  total_steps?: number
  epoch?: number
}

export interface TakenReport {
  job_id: string
  status: JobStatus
  cancel: boolean
  /** Not seen before. */
  is_fresh: boolean
  /** Written down now: fresh, and of the status that the job has. */
  is_taken: boolean
}

export type TakeReport = (report: GivenReport) => Promise<TakenReport>

const reportsAtOnce = 200

/** Takes reports one by one for whoever calls, and many at once from the database. */
export function createReportTaker(db: Database): TakeReport {
  return batched({
    run: (reports) => takeReports(db.service, reports),
    keyOf: ({ job_id }) => job_id,
    max: reportsAtOnce,
  })
}

/** At most one report a job. Rejects with `job_not_found` where a job is gone, and has written nothing then. */
export async function takeReports(queries: Queries, reports: GivenReport[]): Promise<TakenReport[]> {
  const { rows } = await sql<TakenReport>`
    select * from take_training_reports(${jsonText(reports)}::jsonb)`.execute(queries)
  const taken = new Map(rows.map((row) => [row.job_id, row]))
  return reports.map(({ job_id }) => {
    const one = taken.get(job_id)
    if (!one) throw notFound('job_not_found', 'There is no such job')
    return one
  })
}

/** A step without an evaluation does not erase the last evaluation: of each metric the last known value counts. */
export function givenReport(jobId: string, { seq, logs, metrics, status }: Report): GivenReport {
  const points = metrics === undefined ? [] : [metrics].flat()
  return {
    job_id: jobId,
    ...(seq === undefined ? {} : { seq }),
    // The job knows better than its runner whether it has begun.
    ...(status === undefined || status === 'starting' ? {} : { status }),
    ...(logs?.length ? { logs } : {}),
    ...(points.length > 0 ? { points, metrics: Object.assign({}, ...points), ...progressOf(points) } : {}),
  }
}

function progressOf(points: MetricPoint[]): Pick<GivenReport, 'step' | 'total_steps' | 'epoch'> {
  const progress: ReturnType<typeof progressOf> = {}
  for (const { step, total_steps, epoch } of points) {
    progress.step = Math.max(progress.step ?? 0, step)
    if (total_steps !== undefined) progress.total_steps = total_steps
    if (epoch !== undefined) progress.epoch = epoch
  }
  return progress
}
