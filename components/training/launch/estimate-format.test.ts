import { expect, test } from 'vitest'
import { formatHoursRange, formatUsdRange } from './estimate-format.ts'

test.each([
  [{ low: 2.1, high: 2.9 }, '2.1 to 2.9 h'],
  [{ low: 0.2, high: 0.66 }, '12 to 40 min'],
  [{ low: 0.2, high: 14 }, '0.2 to 14 h'],
  [{ low: 0.0001, high: 0.0002 }, 'under 1 min'],
])('%j hours is %s', (range, words) => {
  expect(formatHoursRange(range)).toBe(words)
})

test.each([
  [{ low: 3.9, high: 5.4 }, '$3.90 to $5.40'],
  [{ low: 0.01, high: 0.02 }, '$0.01 to $0.02'],
  [{ low: 0.001, high: 0.004 }, 'under $0.01'],
  [{ low: 0, high: 0 }, '$0.00'],
])('%j USD is %s', (range, words) => {
  expect(formatUsdRange(range)).toBe(words)
})
