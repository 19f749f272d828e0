import type { Database } from '#lib/db/database.ts'
import { jobEventsChannel } from './move-job.ts'

/** Tells waiting pages of this process that something happened to a job, in whichever process it did. */
export interface JobEventHub {
  /** Resolves at the next event of the job, when `milliseconds` have passed, or when the signal aborts. */
  wait(jobId: string, milliseconds: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export async function createJobEventHub(db: Database): Promise<JobEventHub> {
  const waiting = new Map<string, Set<() => void>>()
  const wake = (jobId: string) => {
    for (const resume of waiting.get(jobId) ?? []) resume()
  }
  const wakeAll = () => {
    for (const jobId of waiting.keys()) wake(jobId)
  }
  const stop = await db.listen(jobEventsChannel, wake, wakeAll)

  return {
    async wait(jobId, milliseconds, signal) {
      if (signal.aborted) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const sleepers = waiting.get(jobId) ?? new Set()
      waiting.set(jobId, sleepers.add(resolve))
      const timer = setTimeout(resolve, milliseconds)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      clearTimeout(timer)
      sleepers.delete(resolve)
      if (sleepers.size === 0 && waiting.get(jobId) === sleepers) waiting.delete(jobId)
    },
    async close() {
      wakeAll()
      await stop()
    },
  }
}
