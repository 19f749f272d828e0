import { setTimeout as wait } from 'node:timers/promises'
import { isAppError } from '#lib/errors/app-error.ts'

export const defaultRetryDelays = [200, 800, 2500] as const

/** Repeats a call that failed with a transient error, after each of the delays (milliseconds); then gives up. */
export async function withRetries<T>(
  call: () => Promise<T>,
  options: { delays: readonly number[]; signal?: AbortSignal | undefined },
): Promise<T> {
  for (const delay of options.delays) {
    try {
      return await call()
    } catch (error) {
      if (!isAppError(error) || !error.retryable || options.signal?.aborted) throw error
      await wait(delay, undefined, { signal: options.signal })
    }
  }
  return call()
}
