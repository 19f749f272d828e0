import { describe, expect, it } from 'vitest'
import { smooth } from './smooth.ts'

describe('smooth', () => {
  it('changes nothing at weight 0', () => {
    const values = Float64Array.of(3, 1, 2)
    expect(smooth(values, 0)).toBe(values)
  })

  it('starts at the first value, not near zero', () => {
    expect(smooth(Float64Array.of(5, 5, 5), 0.9)[0]).toBeCloseTo(5)
  })

  it('leaves a constant constant', () => {
    for (const value of smooth(new Float64Array(100).fill(2), 0.97)) expect(value).toBeCloseTo(2)
  })

  it('stays within what it has seen', () => {
    const smoothed = smooth(
      Float64Array.from({ length: 1000 }, (_, index) => (index % 2 ? 1 : -1)),
      0.8,
    )
    for (const value of smoothed) expect(Math.abs(value)).toBeLessThanOrEqual(1)
  })

  it('passes by what is not a number without losing the rest', () => {
    const smoothed = smooth(Float64Array.of(1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1), 0.5)
    expect(smoothed[2]).toBeCloseTo(1)
    expect(smoothed[4]).toBeCloseTo(1)
  })
})
