import { expect, it } from 'vitest'
import type { Offer } from '#lib/training/compatibility.types.ts'
import { isOutOfStock, lowestPrice, offerSourceOf } from './offer-source.ts'

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

it('names the lowest price that is known', () => {
  expect(lowestPrice([offer({ usd_per_hour: null }), offer({ usd_per_hour: 0.4 }), offer({})])).toBe(0.4)
  expect(lowestPrice([offer({ usd_per_hour: null })])).toBeNull()
})
