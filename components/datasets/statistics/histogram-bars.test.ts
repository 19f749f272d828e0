import { expect, test } from 'vitest'
import { barsOf, countAbove } from './histogram-bars.ts'

const histogram = { bounds: [10, 20, 40], counts: [0, 3, 0, 2] }

test('Empty buckets at both ends are left out, those between are kept', () => {
  expect(barsOf(histogram)).toEqual([
    { from: 10, to: 20, count: 3 },
    { from: 20, to: 40, count: 0 },
    { from: 40, to: null, count: 2 },
  ])
})

test('A histogram of nothing has no bar', () => {
  expect(barsOf({ bounds: [10], counts: [0, 0] })).toEqual([])
})

test('A bucket that ends at the length is below it, one that reaches above it counts whole', () => {
  expect(countAbove(histogram, 20)).toBe(2)
  expect(countAbove(histogram, 19)).toBe(5)
  expect(countAbove(histogram, 1000)).toBe(2)
})
