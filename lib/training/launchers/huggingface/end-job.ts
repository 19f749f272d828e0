import { setTimeout as wait } from 'node:timers/promises'
import { transient } from '#lib/errors/app-error.ts'
import { ProviderRefusal } from '../provider-http.ts'
import type { HubClient } from './client.ts'
import { isOver } from './mapper.ts'

const cancelSecondsMax = 60

/** Cancels a job; resolves when its stage is an end, or when the Hub no longer knows it. */
export async function endJob(
  client: HubClient,
  { namespace, id }: { namespace: string; id: string },
  pollSeconds: number,
): Promise<void> {
  const deadline = Date.now() + cancelSecondsMax * 1000
  let isAsked = false
  for (;;) {
    try {
      // What has ended already cannot be cancelled, so that one looks first.
      if (isOver(await client.get(namespace, id))) return
      // A cancellation whose answer was lost is simply asked for again.
      if (!isAsked) await client.cancel(namespace, id)
      isAsked = true
      if (isOver(await client.get(namespace, id))) return
    } catch (error) {
      if (isGone(error)) return
      if (error instanceof ProviderRefusal && error.status < 500 && ![400, 409, 429].includes(error.status)) {
        throw error
      }
    }
    if (Date.now() > deadline) {
      throw transient(
        'termination_unverified',
        'Hugging Face has not confirmed that the job has ended',
        `Job ${namespace}/${id} may still be billed: it is asked for again.`,
      )
    }
    await wait(pollSeconds * 1000)
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof ProviderRefusal && error.status === 404
}
