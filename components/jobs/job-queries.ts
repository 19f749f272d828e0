import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { listArtifacts } from '#lib/client/artifacts.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { getJobCourse, listJobLeases } from '#lib/client/job-history.ts'
import { getJob, type JobListQuery, listJobs } from '#lib/client/jobs.ts'
import type { Job } from '#lib/training/job.types.ts'
import { hasEnded } from './job-status.ts'

const refreshMs = 4000
const leasesRefreshMs = 10_000
const refreshQuietMs = 30_000
const artifactsRefreshMs = 10_000

export const jobKeys = {
  all: ['jobs'] as const,
  list: (query: JobListQuery) => ['jobs', 'list', query] as const,
  one: (id: string) => ['jobs', 'one', id] as const,
  artifacts: (id: string) => ['jobs', 'artifacts', id] as const,
  course: (id: string) => ['jobs', 'course', id] as const,
  leases: (id: string) => ['jobs', 'leases', id] as const,
}

/** Its machine was had, and is not verified gone. */
export function mayStillCost({
  billed_from,
  billed_until,
}: Pick<Job, 'billed_from' | 'billed_until'>): boolean {
  return billed_from !== null && billed_until === null
}

/** One job, asked for again while it runs, or while its machine may. */
export function useJob(id: string) {
  return useQuery({
    queryKey: jobKeys.one(id),
    queryFn: ({ signal }) => getJob(browserApi, id, signal),
    refetchInterval: (query) => {
      const job = query.state.data
      return job && hasEnded(job.status) && !mayStillCost(job) ? false : refreshMs
    },
  })
}

/** What a job has left with us, asked for again while more may come. */
export function useJobArtifacts({ id, status }: Pick<Job, 'id' | 'status'>) {
  return useQuery({
    queryKey: jobKeys.artifacts(id),
    queryFn: ({ signal }) => listArtifacts(browserApi, id, signal),
    refetchInterval: hasEnded(status) ? false : artifactsRefreshMs,
  })
}

/** What has happened to it so far; asked for again whenever something does. */
export function useJobCourse(id: string) {
  return useQuery({
    queryKey: jobKeys.course(id),
    queryFn: ({ signal }) => getJobCourse(browserApi, id, signal),
    select: ({ events }) => events,
  })
}

/** What it was given, refused and lost. */
export function useJobLeases(job: Pick<Job, 'id' | 'status'>) {
  return useQuery({
    queryKey: jobKeys.leases(job.id),
    queryFn: ({ signal }) => listJobLeases(browserApi, job.id, signal),
    select: ({ leases }) => leases,
    refetchInterval: hasEnded(job.status) ? false : leasesRefreshMs,
  })
}

/** The newest jobs, page by page; often while one of them runs, seldom otherwise. */
export function useJobList(query: JobListQuery) {
  return useInfiniteQuery({
    queryKey: jobKeys.list(query),
    queryFn: ({ pageParam, signal }) => listJobs(browserApi, { ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (list) => {
      const jobs = list.state.data?.pages.flatMap((page) => page.jobs) ?? []
      return jobs.some((job) => !hasEnded(job.status)) ? refreshMs : refreshQuietMs
    },
  })
}
