import { expect, test } from 'vitest'
import { barsOf, inTokens, rowsOver } from './histogram-bars.ts'

const histogram = { bounds: [40, 80, 160], counts: [0, 3, 0, 2] }
const uncounted = { length_histogram: histogram, tokens: null }
const counted = {
  length_histogram: histogram,
  tokens: {
    tokenizer: 'o200k_base',
    total: 100,
    characters_per_token: 2,
    sampled_rows: 5,
    error_ratio: 0,
    rows_over: [{ context: 20, rows: 4 }],
  },
}

test('Empty buckets at both ends are left out, those between are kept', () => {
  expect(barsOf(histogram)).toEqual([
    { from: 40, to: 80, count: 3 },
    { from: 80, to: 160, count: 0 },
    { from: 160, to: null, count: 2 },
  ])
})

test('A histogram of nothing has no bar', () => {
  expect(barsOf({ bounds: [10], counts: [0, 0] })).toEqual([])
})

test('Bounds become tokens by the ratio of this dataset, else by that of English prose', () => {
  expect(inTokens(uncounted).bounds).toEqual([10, 20, 40])
  expect(inTokens(counted).bounds).toEqual([20, 40, 80])
})

test('Rows over a context are those that were counted, else those in buckets that reach above it', () => {
  expect(rowsOver(counted, 20)).toBe(4)
  expect(rowsOver(uncounted, 20)).toBe(2)
  expect(rowsOver(uncounted, 19)).toBe(5)
  expect(rowsOver(uncounted, 1000)).toBe(2)
})
