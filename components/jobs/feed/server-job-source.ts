import { browserApi } from '#lib/client/browser-api.ts'
import { jobEventsUrl, listJobLogs, listJobMetrics } from '#lib/client/job-history.ts'
import { openEventStream } from './event-source-stream.ts'
import type { JobSource } from './job-feed.types.ts'

const logEventsPerPage = 500

/** A job as this page's own server tells of it. */
export function serverJobSource(jobId: string): JobSource {
  return {
    async metrics(after, signal) {
      const batches = await listJobMetrics(browserApi, jobId, after, signal)
      return { batches, more: batches.length > 0 }
    },
    async logs(before, signal) {
      const page = { before: before ?? undefined, limit: logEventsPerPage }
      const batches = await listJobLogs(browserApi, jobId, page, signal)
      return { batches, more: batches.length >= logEventsPerPage }
    },
    open(after, listener) {
      return openEventStream(jobEventsUrl(browserApi, jobId, after), listener)
    },
  }
}
