import { setTimeout as wait } from 'node:timers/promises'
import { ProviderRefusal } from './provider-http.ts'

/** Together, for one launch that is asked to come back later. */
const patienceSeconds = 30

/** Repeats a request that was refused with 429, when it was told to: nothing has been done then. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + patienceSeconds * 1000
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ProviderRefusal) || error.status !== 429) throw error
      const milliseconds = (error.retryAfterSeconds ?? 5) * 1000
      if (Date.now() + milliseconds > deadline) throw error
      await wait(milliseconds)
    }
  }
}
