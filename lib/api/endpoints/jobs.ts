import { z } from 'zod'
import {
  jobCourseSchema,
  jobListQuerySchema,
  jobListSchema,
  jobLogsPageSchema,
  jobMetricsPageSchema,
  jobSchema,
  leaseRecordsSchema,
  leaseRequestSchema,
  leaseSchema,
  orphansSchema,
  reportAnswerSchema,
  reportSchema,
} from '#lib/training/job.types.ts'
import { cancelJob } from '#lib/training/jobs/cancel-job.ts'
import { deleteJob } from '#lib/training/jobs/delete-job.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { leaseJob } from '#lib/training/jobs/lease-job.ts'
import { listJobLeases } from '#lib/training/jobs/list-job-leases.ts'
import { listJobs } from '#lib/training/jobs/list-jobs.ts'
import { listOrphans } from '#lib/training/jobs/list-orphans.ts'
import { readJobCourse } from '#lib/training/jobs/read-job-course.ts'
import { readJobHistory } from '#lib/training/jobs/read-job-history.ts'
import { reportJob } from '#lib/training/jobs/report-job.ts'
import { endpoint } from '../endpoint.ts'
import { jobEventStream } from '../job-event-stream.ts'
import { jobLogText } from '../job-log-text.ts'
import { idParams } from './id-params.ts'

export const getJobs = endpoint({
  id: 'listJobs',
  method: 'GET',
  path: '/api/training/jobs',
  summary: 'Jobs, newest first',
  access: 'user',
  query: jobListQuerySchema,
  answer: jobListSchema,
  handle: ({ services, user, query }) => listJobs(services, user, query),
})

export const getOneJob = endpoint({
  id: 'getJob',
  method: 'GET',
  path: '/api/training/jobs/{id}',
  summary: 'One job',
  access: 'user',
  params: idParams,
  answer: jobSchema,
  handle: ({ services, user, params }) => getJob(services, user, params.id),
})

export const removeJob = endpoint({
  id: 'deleteJob',
  method: 'DELETE',
  path: '/api/training/jobs/{id}',
  summary: 'Forget a job that has ended',
  access: 'user',
  params: idParams,
  handle: ({ services, user, params }) => deleteJob(services, user, params.id),
})

export const postCancel = endpoint({
  id: 'cancelJob',
  method: 'POST',
  path: '/api/training/jobs/{id}/cancel',
  summary: 'Cancel a job; it is cancelled when the provider has verified that nothing of it runs',
  access: 'user',
  params: idParams,
  answer: jobSchema,
  status: 202,
  handle: ({ services, user, params }) => cancelJob(services, user, params.id),
})

export const getEvents = endpoint({
  id: 'streamJobEvents',
  method: 'GET',
  path: '/api/training/jobs/{id}/events',
  summary: 'Status, metrics and logs as server-sent events; Last-Event-ID resumes',
  access: 'user',
  params: idParams,
  query: z.object({ after: z.coerce.number().int().min(0).optional() }),
  async handle({ services, user, params, query, request, signal }) {
    await getJob(services, user, params.id)
    const resumed = Number(request.headers.get('last-event-id') ?? Number.NaN)
    const after = Number.isSafeInteger(resumed) && resumed >= 0 ? resumed : (query.after ?? 0)
    return jobEventStream(services, user, params.id, after, signal)
  },
})

const pageQuery = z.object({
  after: z.coerce.number().int().min(0).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
})

export const getMetrics = endpoint({
  id: 'readJobMetrics',
  method: 'GET',
  path: '/api/training/jobs/{id}/metrics',
  summary: 'Recorded metric points, oldest first, in the batches in which they came',
  access: 'user',
  params: idParams,
  query: pageQuery,
  answer: jobMetricsPageSchema,
  async handle({ services, user, params, query }) {
    const { events, more } = await readJobHistory(services, user, params.id, { ...query, types: ['metrics'] })
    return { batches: events.map(({ id, data }) => ({ id, points: data })), more }
  },
})

export const getLogs = endpoint({
  id: 'readJobLogs',
  method: 'GET',
  path: '/api/training/jobs/{id}/logs',
  summary:
    'Recorded log lines, oldest first, in the batches in which they came; without `after`, the last ones',
  access: 'user',
  params: idParams,
  query: pageQuery,
  answer: jobLogsPageSchema,
  async handle({ services, user, params, query }) {
    const wanted = { ...query, types: ['logs' as const], newest: true }
    const { events, more } = await readJobHistory(services, user, params.id, wanted)
    return { batches: events.map(({ id, data }) => ({ id, lines: data })), more }
  },
})

export const getLogText = endpoint({
  id: 'downloadJobLog',
  method: 'GET',
  path: '/api/training/jobs/{id}/logs.txt',
  summary: 'The whole log as text',
  access: 'user',
  params: idParams,
  async handle({ services, user, params }) {
    const job = await getJob(services, user, params.id)
    return jobLogText(services, user, job)
  },
})

export const getCourse = endpoint({
  id: 'readJobCourse',
  method: 'GET',
  path: '/api/training/jobs/{id}/course',
  summary: 'The states that a job has been in and what its owner was told, with times, oldest first',
  access: 'user',
  params: idParams,
  answer: jobCourseSchema,
  handle: ({ services, user, params }) => readJobCourse(services, user, params.id),
})

export const getLeases = endpoint({
  id: 'listJobLeases',
  method: 'GET',
  path: '/api/training/jobs/{id}/leases',
  summary: 'Every token and link that a job was given, renewed or refused, and when they were taken back',
  access: 'user',
  params: idParams,
  answer: leaseRecordsSchema,
  handle: ({ services, user, params }) => listJobLeases(services, user, params.id),
})

export const getOrphans = endpoint({
  id: 'listOrphans',
  method: 'GET',
  path: '/api/training/orphans',
  summary: 'Machines with our stamp that had no business to run, and were ended; newest first',
  access: 'user',
  query: z.object({ job_id: z.uuid().optional() }),
  answer: orphansSchema,
  handle: ({ services, user, query }) => listOrphans(services, user, query.job_id),
})

export const postLease = endpoint({
  id: 'leaseJob',
  method: 'POST',
  path: '/api/training/jobs/{id}/lease',
  summary: 'Fresh links to the datasets of a job, for its runner',
  access: 'job',
  params: idParams,
  body: leaseRequestSchema,
  answer: leaseSchema,
  handle: ({ services, job, body }) => leaseJob(services, job, body.start),
})

export const postReport = endpoint({
  id: 'reportJob',
  method: 'POST',
  path: '/api/training/jobs/{id}/report',
  summary: 'What a runner has to say: status, metrics, logs, errors; answers whether to go on',
  access: 'job',
  params: idParams,
  body: reportSchema,
  answer: reportAnswerSchema,
  handle: ({ services, job, body }) => reportJob(services, job, body),
})
