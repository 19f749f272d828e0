import { describe, expect, it } from 'vitest'
import type { Curve } from './curve.ts'
import { sample, thin } from './thin.ts'

const curve = (count: number, y: (x: number) => number): Curve => ({
  xs: Float64Array.from({ length: count }, (_, x) => x),
  ys: Float64Array.from({ length: count }, (_, x) => y(x)),
})

describe('thin', () => {
  it('leaves a curve that fits as it is', () => {
    const small = curve(300, (x) => x)
    expect(thin(small, 100).xs).toEqual(small.xs)
  })

  it('keeps at most four points a column', () => {
    expect(thin(curve(100_000, Math.sin), 500).xs.length).toBeLessThanOrEqual(2000)
  })

  it('keeps a single spike among 100,000 points, and both ends', () => {
    const spiked = thin(
      curve(100_000, (x) => (x === 54_321 ? 99 : 1)),
      500,
    )
    const at = spiked.ys.indexOf(99)
    expect(spiked.xs[at]).toBe(54_321)
    expect(spiked.xs[0]).toBe(0)
    expect(spiked.xs.at(-1)).toBe(99_999)
  })

  it('keeps x in ascending order without repeats', () => {
    const { xs } = thin(
      curve(50_000, (x) => (x * 7919) % 101),
      100,
    )
    for (let index = 1; index < xs.length; index++) expect(xs[index]).toBeGreaterThan(xs[index - 1] as number)
  })

  it('cuts to the range, with one point on either side', () => {
    const { xs } = thin(
      curve(1000, (x) => x),
      100,
      { min: 100.5, max: 200.5 },
    )
    expect(xs[0]).toBe(100)
    expect(xs.at(-1)).toBeGreaterThanOrEqual(201)
    expect(xs.at(-1)).toBeLessThanOrEqual(202)
  })

  it('has nothing to say of nothing', () => {
    expect(
      thin(
        curve(0, () => 0),
        100,
      ).xs.length,
    ).toBe(0)
  })
})

describe('sample', () => {
  it('spreads evenly and keeps the ends', () => {
    expect([
      ...sample(
        curve(101, (x) => x),
        5,
      ).xs,
    ]).toEqual([0, 25, 50, 75, 100])
  })
})
