import { expect, test } from 'vitest'
import { lossCurve } from './loss-curve.ts'

test('a falling loss falls on the screen', () => {
  const points = Array.from({ length: 120 }, (_, step) => ({ step, loss: 5 - step / 40 }))
  const lines = lossCurve(points)
  expect(lines).toHaveLength(11)
  expect(lines[0]).toMatch(/^ {2}4\.\d\d \|\*+$/)
  expect(lines[9]).toMatch(/^ {2}2\.\d\d \| +\*+$/)
  expect(lines[10]).toMatch(/step 119$/)
})

test('a single point, equal points and no points are shown as what they are', () => {
  expect(lossCurve([{ step: 1, loss: 2 }])[0]).toBe('  2.00 |*')
  expect(lossCurve([1, 2, 3].map((step) => ({ step, loss: 1 })))[0]).toBe('  1.00 |***')
  expect(lossCurve([])).toEqual(['No loss was reported.'])
})
