import type { Database } from '#lib/db/database.ts'
import { jobEventsChannel } from './move-job.ts'

/** Tells waiting pages of this process that something happened to a job, in whichever process it did. */
export interface JobEventHub {
  /** Begins to listen: whatever happens to the job from now on ends the next `wait`, also when it comes before it. */
  watch(jobId: string): JobWatch
  close(): Promise<void>
}

export interface JobWatch {
  /** Resolves when something happened since the last call, when `milliseconds` have passed, or when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
  end(): void
}

export async function createJobEventHub(db: Database): Promise<JobEventHub> {
  const watches = new Map<string, Set<() => void>>()
  const wake = (jobId: string) => {
    for (const notice of watches.get(jobId) ?? []) notice()
  }
  const wakeAll = () => {
    for (const jobId of watches.keys()) wake(jobId)
  }
  const stop = await db.listen(jobEventsChannel, wake, wakeAll)

  return {
    watch(jobId) {
      let happened = false
      let resume = () => {}
      const notice = () => {
        happened = true
        resume()
      }
      const all = watches.get(jobId) ?? new Set()
      watches.set(jobId, all.add(notice))
      return {
        async wait(milliseconds, signal) {
          if (!happened && !signal.aborted)
            await new Promise<void>((resolve) => {
              const timer = setTimeout(leave, milliseconds)
              signal.addEventListener('abort', leave, { once: true })
              resume = leave
              function leave() {
                clearTimeout(timer)
                signal.removeEventListener('abort', leave)
                resolve()
              }
            })
          happened = false
        },
        end() {
          all.delete(notice)
          if (all.size === 0 && watches.get(jobId) === all) watches.delete(jobId)
        },
      }
    },
    async close() {
      wakeAll()
      await stop()
    },
  }
}
