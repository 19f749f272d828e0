import type { ApiConnection } from '#lib/client/api-connection.ts'
import { listJobLogs, listJobMetrics } from '#lib/client/job-history.ts'
import { listJobs } from '#lib/client/jobs.ts'

export interface PageFigures {
  points: number
  metricRequests: number
  /** All points, in the requests that the job page makes. */
  allPointsMs: number
  /** One page of the log each, from its end backwards, as somebody scrolls. */
  logPageMs: number[]
  linesInAPage: number
  jobListMs: number[]
}

/** What the page of one job asks for that has a long course, by the calls that it makes. */
export async function measureJobPage(api: ApiConnection, jobId: string): Promise<PageFigures> {
  const startedAt = performance.now()
  let points = 0
  let metricRequests = 0
  for (let after = 0; ; ) {
    const { batches, more } = await listJobMetrics(api, jobId, after)
    metricRequests += 1
    points += batches.reduce((sum, batch) => sum + batch.points.length, 0)
    if (!more) break
    after = batches.at(-1)!.id
  }
  const allPointsMs = performance.now() - startedAt

  const logPageMs: number[] = []
  let linesInAPage = 0
  for (let before: number | undefined, page = 0; page < logPages; page++) {
    const query = { before, limit: logEventsPerPage }
    const [{ batches }, milliseconds] = await timed(() => listJobLogs(api, jobId, query))
    if (batches.length === 0) break
    logPageMs.push(milliseconds)
    linesInAPage = Math.max(
      linesInAPage,
      batches.reduce((sum, { lines }) => sum + lines.length, 0),
    )
    before = batches[0]!.id
  }
  const jobListMs: number[] = []
  for (let call = 0; call < 20; call++) jobListMs.push((await timed(() => listJobs(api)))[1])
  return { points, metricRequests, allPointsMs, logPageMs, linesInAPage, jobListMs }
}

/** As components/jobs/feed/server-job-source.ts asks. */
const logEventsPerPage = 200
const logPages = 50

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now()
  const result = await work()
  return [result, performance.now() - startedAt]
}
