import { z } from 'zod'
import {
  jobCourseSchema,
  jobLogsPageSchema,
  jobMetricsPageSchema,
  leaseRecordsSchema,
} from '#lib/training/job.types.ts'
import { type ApiConnection, apiUrl } from './api-connection.ts'
import { callApi } from './call-api.ts'

const root = '/api/training/jobs'
/** As many as the server gives: a long training is read in few requests. */
const eventsAtOnce = 5000

/** One page of measurements above the event `after`, ascending. */
export function listJobMetrics(api: ApiConnection, id: string, after: number, signal?: AbortSignal) {
  return callApi(api, {
    path: `${root}/${id}/metrics`,
    query: { after, limit: eventsAtOnce },
    answer: jobMetricsPageSchema,
    signal,
  })
}

/** The newest log events below `before`, ascending; without it the newest of all. */
export function listJobLogs(
  api: ApiConnection,
  id: string,
  page: { before?: number | undefined; limit: number },
  signal?: AbortSignal,
) {
  return callApi(api, { path: `${root}/${id}/logs`, query: page, answer: jobLogsPageSchema, signal })
}

/** The states that it has been in and what its owner was told, oldest first. */
export function getJobCourse(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}/course`, answer: jobCourseSchema, signal })
}

/** Every token and link that it was given, newest first. */
export function listJobLeases(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}/leases`, answer: leaseRecordsSchema, signal })
}

/** Where the whole log can be downloaded as text. */
export function jobLogUrl(api: ApiConnection, id: string): string {
  return apiUrl(api, `${root}/${id}/logs.txt`)
}

export function jobEventsUrl(api: ApiConnection, id: string, after: number): string {
  return apiUrl(api, `${root}/${id}/events`, { after: after || undefined })
}

/** Ended jobs only. */
export async function deleteJob(api: ApiConnection, id: string) {
  await callApi(api, { method: 'DELETE', path: `${root}/${id}`, answer: z.unknown() })
}
