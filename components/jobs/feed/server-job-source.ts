import { browserApi } from '#lib/client/browser-api.ts'
import { jobEventsUrl, listJobLogs, listJobMetrics } from '#lib/client/job-history.ts'
import { openEventStream } from './event-source-stream.ts'
import type { JobSource } from './job-feed.types.ts'

const logEventsPerPage = 200

/** A job as this page's own server tells of it. */
export function serverJobSource(jobId: string): JobSource {
  return {
    metrics: (after, signal) => listJobMetrics(browserApi, jobId, after, signal),
    logs: (before, signal) =>
      listJobLogs(browserApi, jobId, { before: before ?? undefined, limit: logEventsPerPage }, signal),
    open(after, listener) {
      return openEventStream(jobEventsUrl(browserApi, jobId, after), listener)
    },
  }
}
