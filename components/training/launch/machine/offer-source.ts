import type { Offer } from '#lib/training/compatibility.types.ts'

export interface OffersSource {
  /** `old`: told by the provider once, when it could still be asked. */
  kind: 'provider' | 'old' | 'table' | 'none'
  /** ISO 8601; of the oldest price. */
  at: string | null
}

/** The server asks at most every five minutes; what is older was kept because it could not ask. */
const freshMs = 15 * 60_000

export function offerSourceOf(offers: readonly Offer[], now: number): OffersSource {
  if (offers.length === 0) return { kind: 'none', at: null }
  const dates = offers.flatMap(({ priced_at }) => priced_at ?? []).sort()
  const at = dates[0] ?? null
  if (offers.some(({ price_source }) => price_source === 'table')) return { kind: 'table', at }
  return { kind: at !== null && now - Date.parse(at) > freshMs ? 'old' : 'provider', at }
}

/** The provider has been asked, and has none of its machines. */
export function isOutOfStock(offers: readonly Offer[]): boolean {
  return offers.length > 0 && offers.every(({ stock }) => stock === 'none')
}

/** Of the machines with a GPU: some providers have cheap ones without. */
export function lowestGpuPrice(offers: readonly Offer[]): number | null {
  const prices = offers.flatMap(({ gpu, usd_per_hour }) => (gpu && usd_per_hour) ?? [])
  return prices.length > 0 ? Math.min(...prices) : null
}

/** "1 x RTX 4090"; a type of the provider's own keeps its name, which is what people ask for. */
export function machineName(offer: Pick<Offer, 'id' | 'label' | 'gpu'>, count: number): string {
  if (!offer.gpu || offer.label.includes(offer.id)) return offer.label
  return `${offer.gpu.count * count} x ${offer.gpu.name}`
}
