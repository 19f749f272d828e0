import { SeriesStore } from '#components/charts/series-store.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { listJobMetrics } from '#lib/client/job-history.ts'
import { getJob } from '#lib/client/jobs.ts'
import { jobKeys } from '../job-queries.ts'
import { hasEnded } from '../job-status.ts'

const refreshMs = 10_000

/** A job with all its measurements, as a query. */
export function compareQuery(id: string) {
  return {
    queryKey: [...jobKeys.all, 'compare', id],
    queryFn: ({ signal }: { signal: AbortSignal }) => readJob(id, signal),
    refetchInterval: (query: { state: { data?: Awaited<ReturnType<typeof readJob>> } }) => {
      const job = query.state.data?.job
      return job && hasEnded(job.status) ? (false as const) : refreshMs
    },
    structuralSharing: false as const,
  }
}

async function readJob(id: string, signal: AbortSignal) {
  const job = await getJob(browserApi, id, signal)
  const series = new SeriesStore()
  for (;;) {
    const { batches, more } = await listJobMetrics(browserApi, id, series.lastEventId, signal)
    for (const batch of batches) series.append(batch.id, batch.points)
    if (!more) return { job, series }
  }
}
