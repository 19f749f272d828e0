import { patiently } from '../patiently.ts'
import { ProviderRefusal } from '../provider-http.ts'
import type { CreatePod, Pod } from './api-types.ts'
import type { RunPodClient } from './client.ts'
import { badRequest, kindOfBadRequest, noCapacity } from './mapper.ts'

/** Asks for one candidate after the other, and goes on only where another one may have room. */
export async function createPod(client: RunPodClient, candidates: readonly CreatePod[]): Promise<Pod> {
  const refusals: ProviderRefusal[] = []
  let forbidden: ProviderRefusal | undefined
  for (const candidate of candidates) {
    try {
      return await patiently(() => client.createPod(candidate))
    } catch (error) {
      if (!(error instanceof ProviderRefusal)) throw error
      if (error.status === 403) forbidden = error
      else if (error.status !== 400) throw error
      else if (kindOfBadRequest(error.answer.body) === 'rule') throw badRequest(error)
      else refusals.push(error)
    }
  }
  const last = refusals.at(-1)
  if (!last) throw forbidden
  if (!(await isForLackOfRoom(client, candidates, refusals))) throw badRequest(last)
  throw noCapacity(
    candidates.map(({ gpu }) => gpu.id),
    last,
  )
}

/** By the refusals' prose; where that leaves it open, by the catalogue's stock. */
async function isForLackOfRoom(
  client: RunPodClient,
  candidates: readonly CreatePod[],
  refusals: readonly ProviderRefusal[],
): Promise<boolean> {
  if (refusals.some(({ answer }) => kindOfBadRequest(answer.body) === 'capacity')) return true
  const gpus = await client.listGpus().catch(() => [])
  const stock = new Map(gpus.map(({ id, availability }) => [id, availability]))
  return candidates.every(({ gpu }) => stock.get(gpu.id) === 'NONE')
}
