import { expect, it } from 'vitest'
import type { Offer } from '#lib/training/compatibility.types.ts'
import { isOutOfStock, lowestGpuPrice, machineName, offerSourceOf } from './offer-source.ts'

const offer = (change: Partial<Offer>): Offer => ({
  id: 'A',
  label: 'A',
  gpu: null,
  usd_per_hour: 1,
  priced_at: '2026-11-27T03:00:00.000Z',
  price_source: 'provider',
  stock: 'high',
  regions: [],
  ...change,
})
const gpu = { name: 'RTX 4090', count: 1, memory_gib: 24 }
const now = Date.parse('2026-11-27T03:05:00.000Z')

it('tells a fresh list from an old one, from ours, and from none', () => {
  expect(offerSourceOf([offer({})], now).kind).toBe('provider')
  expect(offerSourceOf([offer({ priced_at: '2026-11-27T01:00:00.000Z' })], now)).toEqual({
    kind: 'old',
    at: '2026-11-27T01:00:00.000Z',
  })
  expect(offerSourceOf([offer({ price_source: 'table', priced_at: null })], now)).toEqual({
    kind: 'table',
    at: null,
  })
  expect(offerSourceOf([], now).kind).toBe('none')
})

it('is out of stock only where every machine is known to be', () => {
  expect(isOutOfStock([offer({ stock: 'none' }), offer({ stock: 'none' })])).toBe(true)
  expect(isOutOfStock([offer({ stock: 'none' }), offer({ stock: 'unknown' })])).toBe(false)
  expect(isOutOfStock([])).toBe(false)
})

it('names the lowest price of a GPU that is known', () => {
  const withoutGpu = offer({ usd_per_hour: 0.01 })
  const prices = (...known: (number | null)[]) => known.map((usd_per_hour) => offer({ gpu, usd_per_hour }))
  expect(lowestGpuPrice([withoutGpu, ...prices(null, 0.4, 1)])).toBe(0.4)
  expect(lowestGpuPrice([withoutGpu, ...prices(null)])).toBeNull()
})

it('names a machine by its GPUs, unless its type has a name of its own', () => {
  expect(machineName(offer({ id: 'NVIDIA GeForce RTX 4090', label: 'RTX 4090, 24 GB', gpu }), 2)).toBe(
    '2 x RTX 4090',
  )
  expect(machineName(offer({ id: 'l4x1', label: 'l4x1 (1 x L4)', gpu }), 1)).toBe('l4x1 (1 x L4)')
})
