import { ProviderRefusal } from '../provider-http.ts'
import type { Instance } from './api-types.ts'
import type { LambdaClient } from './client.ts'
import { type Candidate, isForLackOfRoom, isOver, noCapacity } from './mapper.ts'

/** Launches are twelve seconds apart: one job does not keep the others waiting longer than this. */
const secondsMax = 150
const rateLimitedMax = 3

export interface InstanceWish {
  candidates: readonly Candidate[]
  types: readonly string[]
  sshKeyName: string
  name: string
  userData: string
}

/** Asks for one type and region after the other while there is no room; anything else ends it. */
export async function launchInstance(
  client: LambdaClient,
  { candidates, types, sshKeyName, name, userData }: InstanceWish,
): Promise<{ id: string; candidate: Candidate }> {
  const deadline = Date.now() + secondsMax * 1000
  const tried: Candidate[] = []
  for (const candidate of candidates) {
    if (tried.length > 0 && Date.now() > deadline) break
    tried.push(candidate)
    try {
      const body = {
        region_name: candidate.region,
        instance_type_name: candidate.type,
        ssh_key_names: [sshKeyName] as [string],
        name,
        user_data: userData,
      }
      const id = await unlessRateLimited(client, name, () => client.launch(body))
      return { id, candidate }
    } catch (error) {
      if (!isForLackOfRoom(error)) throw error
    }
  }
  throw noCapacity(tried, types)
}

/**
 * Other programs may use the account up to its limit. Machines have been left behind by launches that were answered with
 * 429, so that the account is looked through before it is asked again.
 */
async function unlessRateLimited(
  client: LambdaClient,
  name: string,
  launch: () => Promise<string>,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch()
    } catch (error) {
      if (!(error instanceof ProviderRefusal) || error.status !== 429) throw error
      const started = (await client.list()).find((instance) => isLiving(instance) && instance.name === name)
      if (started) return started.id
      if (attempt >= rateLimitedMax) throw error
    }
  }
}

export function isLiving(instance: Instance): boolean {
  return !isOver(instance) && instance.status !== 'terminating'
}
