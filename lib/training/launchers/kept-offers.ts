import type { MachineOffer } from './launcher.ts'

const freshSeconds = 300
const accountsMax = 1000

export interface KeptOffers {
  /**
   * What the provider offers, read at most every five minutes for each account. Where it cannot be read: what was read
   * last, with its date; else the shipped table. Both say where they are from.
   */
  of(userId: string, read: () => Promise<MachineOffer[]>): Promise<MachineOffer[]>
}

export function keepOffers(table: readonly MachineOffer[], now: () => number = Date.now): KeptOffers {
  const kept = new Map<string, { at: number; offers: MachineOffer[] }>()
  return {
    async of(userId, read) {
      const last = kept.get(userId)
      if (last && now() - last.at < freshSeconds * 1000) return last.offers
      try {
        const offers = await read()
        kept.delete(userId)
        kept.set(userId, { at: now(), offers })
        if (kept.size > accountsMax) kept.delete(kept.keys().next().value!)
        return offers
      } catch (error) {
        // A key that is refused is no reason to show old prices as if all were well: the launch will say so.
        if (last) return last.offers.map((offer) => ({ ...offer, stock: 'unknown', regions: [] }))
        if (table.length === 0) throw error
        return [...table]
      }
    },
  }
}

export function cheapestFirst(offers: MachineOffer[]): MachineOffer[] {
  const price = (offer: MachineOffer) => offer.usdPerHour ?? Number.POSITIVE_INFINITY
  return offers.sort((a, b) => price(a) - price(b) || (a.id < b.id ? -1 : 1))
}
