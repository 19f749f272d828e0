import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { jobKeys } from '../job-queries.ts'
import { JobFeed } from './job-feed.ts'
import type { FeedState } from './job-feed.types.ts'
import { serverJobSource } from './server-job-source.ts'

export interface LiveFeed extends FeedState {
  feed: JobFeed
  /** Reads the history again after a failure. */
  restart: () => void
}

/** A job's measurements and log, live while the page is open. `ended` as it was when the page opened. */
export function useJobFeed(jobId: string, ended: boolean): LiveFeed {
  const queries = useQueryClient()
  const [refresh] = useState(() => () => {
    const { one, course, leases, artifacts } = jobKeys
    for (const queryKey of [one(jobId), course(jobId), leases(jobId), artifacts(jobId)])
      void queries.invalidateQueries({ queryKey })
  })
  const [feed] = useState(() => new JobFeed(serverJobSource(jobId), refresh))
  const [endedAtFirst] = useState(ended)
  useEffect(() => {
    // What happened between the job that the page came with and the history is in no event that is still to come.
    void feed.start(endedAtFirst).then(() => !endedAtFirst && refresh())
    return () => feed.stop()
  }, [feed, endedAtFirst, refresh])
  const state = useSyncExternalStore(feed.subscribe, feed.snapshot, feed.snapshot)
  return { ...state, feed, restart: () => void feed.start(endedAtFirst) }
}
