import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { Launchers, MachineOffer } from './launcher.ts'

const keptMilliseconds = 60_000
/** The shipped list stands in for a provider without a key, or out of order: both may be over at any moment. */
const tableKeptMilliseconds = 5000
const keptMax = 500

interface Kept {
  until: number
  offers: Promise<MachineOffer[]>
}

const keptBy = new WeakMap<Launchers, Map<string, Kept>>()

/**
 * A provider's machines as it told this user within the last minute: a form that is filled in asks many times, and
 * providers count. Each offer carries the time of its price. A failure is not kept.
 */
export function readOffers(
  launchers: Launchers,
  userId: string,
  provider: TrainingProvider,
  now: () => number = Date.now,
): Promise<MachineOffer[]> {
  const kept = keptBy.get(launchers) ?? new Map<string, Kept>()
  keptBy.set(launchers, kept)
  const key = `${userId} ${provider}`
  const known = kept.get(key)
  if (known && now() < known.until) return known.offers
  // Nobody's signal: whoever asks next waits for the same answer.
  const offers = launchers.of(provider).offers(userId)
  kept.delete(key)
  const entry = { until: now() + keptMilliseconds, offers }
  kept.set(key, entry)
  offers.then(
    (read) => {
      if (read[0]?.priceSource === 'table') entry.until = now() + tableKeptMilliseconds
    },
    () => {
      if (kept.get(key) === entry) kept.delete(key)
    },
  )
  if (kept.size > keptMax) kept.delete(kept.keys().next().value!)
  return offers
}
