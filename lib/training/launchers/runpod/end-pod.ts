import { setTimeout as wait } from 'node:timers/promises'
import { transient } from '#lib/errors/app-error.ts'
import { ProviderRefusal } from '../provider-http.ts'
import type { RunPodClient } from './client.ts'

const terminationSecondsMax = 60

/**
 * Terminates a pod; resolves when RunPod no longer knows it, or says that it is terminated. A deletion whose answer was
 * lost is simply asked for again.
 */
export async function endPod(client: RunPodClient, podId: string, pollSeconds: number): Promise<void> {
  const deadline = Date.now() + terminationSecondsMax * 1000
  while (!((await isDeleted(client, podId)) && (await isOver(client, podId)))) {
    if (Date.now() > deadline) {
      throw transient(
        'termination_unverified',
        'RunPod has not confirmed that the pod is gone',
        `Pod ${podId} may still be billed: it is asked for again.`,
      )
    }
    await wait(pollSeconds * 1000)
  }
}

async function isDeleted(client: RunPodClient, podId: string): Promise<boolean> {
  try {
    await client.deletePod(podId)
    return true
  } catch (error) {
    return isGone(error) || unlessFinal(error)
  }
}

async function isOver(client: RunPodClient, podId: string): Promise<boolean> {
  try {
    return (await client.getPod(podId)).status === 'TERMINATED'
  } catch (error) {
    return isGone(error) || unlessFinal(error)
  }
}

/** False for what may be otherwise next time; what will not be is thrown on. */
function unlessFinal(error: unknown): false {
  if (error instanceof ProviderRefusal && error.status < 500 && error.status !== 429) throw error
  return false
}

export function isGone(error: unknown): boolean {
  return error instanceof ProviderRefusal && error.status === 404
}
