import type { User } from '#lib/auth/identity.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import { readOffers } from '#lib/training/launchers/read-offers.ts'
import { datasetFiguresOf } from './dataset-figures.ts'
import type { Estimate, EstimateRequest } from './estimate.types.ts'
import { estimateCost } from './estimate-cost.ts'
import { listedMachines } from './price-table.ts'
import { readMeasuredThroughput } from './read-measured-throughput.ts'

/** What a training would take for this user, with the provider's offers as they are now. */
export async function estimateTraining(
  services: Pick<Services, 'db' | 'launchers'>,
  user: User,
  request: EstimateRequest,
): Promise<Estimate> {
  const { provider, base_model, method, trainer, hyperparameters } = request
  const [datasets, offers, measured] = await Promise.all([
    Promise.all(
      request.datasets.map(async ({ dataset_id, weight }) =>
        datasetFiguresOf(await getReadyDataset(services, user, dataset_id), weight),
      ),
    ),
    offersOf(services, user, request),
    readMeasuredThroughput(services, user, provider, base_model),
  ])
  return estimateCost({
    provider,
    config: { base_model, method, trainer, hyperparameters },
    datasets,
    offers,
    machine: request.machine ?? null,
    machineCount: request.machine_count,
    volumeGb: request.volume_size_gb ?? null,
    spot: request.spot,
    measured,
    now: new Date(),
  })
}

/** A person who has not brought a key yet, or whose provider is down, is told by the shipped list, which says so. */
async function offersOf(
  { launchers }: Pick<Services, 'launchers'>,
  user: User,
  { provider }: EstimateRequest,
): Promise<MachineOffer[]> {
  if (!launchers.find(provider)) return listedMachines(provider)
  try {
    return await readOffers(launchers, user.id, provider)
  } catch (error) {
    if (isAppError(error)) return listedMachines(provider)
    throw error
  }
}
