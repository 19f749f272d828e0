import { setTimeout as wait } from 'node:timers/promises'
import { transient } from '#lib/errors/app-error.ts'
import { ProviderRefusal } from '../provider-http.ts'
import type { LambdaClient } from './client.ts'
import { isGone, isOver } from './mapper.ts'

const terminationSecondsMax = 150

/** Terminates an instance; resolves when Lambda says `terminated`, or no longer knows it. */
export async function endInstance(client: LambdaClient, id: string, pollSeconds: number): Promise<void> {
  const deadline = Date.now() + terminationSecondsMax * 1000
  let isAsked = false
  for (;;) {
    try {
      // An order whose answer was lost is simply given again.
      if (!isAsked) await client.terminate(id)
      isAsked = true
      const instance = await client.get(id)
      if (isOver(instance)) return
      if (instance.status !== 'terminating') isAsked = false
    } catch (error) {
      if (isGone(error)) return
      if (error instanceof ProviderRefusal && error.status < 500 && ![409, 429].includes(error.status))
        throw error
    }
    if (Date.now() > deadline) {
      throw transient(
        'termination_unverified',
        'Lambda has not confirmed that the instance is gone',
        `Instance ${id} may still be billed: it is asked for again.`,
      )
    }
    await wait(pollSeconds * 1000)
  }
}
