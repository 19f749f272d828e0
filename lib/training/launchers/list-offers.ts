import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { offersSchema } from '#lib/training/compatibility.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { MachineOffer } from './launcher.ts'

/** Machines to choose from at one provider, cheapest first; empty where there is no choice. */
export async function listOffers(
  { launchers }: Pick<Services, 'launchers'>,
  user: User,
  provider: TrainingProvider,
  signal?: AbortSignal,
): Promise<z.output<typeof offersSchema>> {
  const offers = await launchers.of(provider).offers(user.id, signal)
  return { offers: offers.map(offerOf) }
}

function offerOf({ gpu, usdPerHour, pricedAt, priceSource, ...offer }: MachineOffer) {
  return {
    ...offer,
    gpu: gpu && { name: gpu.name, count: gpu.count, memory_gib: gpu.memoryGib },
    usd_per_hour: usdPerHour,
    priced_at: pricedAt,
    price_source: priceSource,
  }
}
