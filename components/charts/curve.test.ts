import { describe, expect, it } from 'vitest'
import { align } from './align.ts'
import { curveOf } from './curve.ts'
import { SeriesStore } from './series-store.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

describe('curveOf', () => {
  it('counts time from the start, in seconds', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 1, at: at(10), loss: 2 },
      { step: 2, at: at(12), loss: 1 },
    ])
    expect([...curveOf(store, 'loss', 'time', Date.parse(at(8))).xs]).toEqual([2, 4])
  })

  it('leaves out rows that were not measured or have no time', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 1, at: at(1), loss: 2 },
      { step: 2, loss: 1 },
      { step: 3, at: at(3) },
    ])
    expect([...curveOf(store, 'loss', 'time', Date.parse(at(0))).xs]).toEqual([1])
    expect([...curveOf(store, 'loss', 'step', 0).xs]).toEqual([1, 2])
  })

  it('sorts by time when a resumed run went over early steps again', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 1, at: at(1), loss: 3 },
      { step: 3, at: at(3), loss: 1 },
    ])
    store.append(2, [{ step: 2, at: at(9), loss: 2 }])
    const curve = curveOf(store, 'loss', 'time', Date.parse(at(0)))
    expect([...curve.xs]).toEqual([1, 3, 9])
    expect([...curve.ys]).toEqual([3, 1, 2])
  })
})

describe('align', () => {
  it('shares one x and leaves gaps', () => {
    const aligned = align([
      { xs: Float64Array.of(1, 2, 4), ys: Float64Array.of(10, 20, 40) },
      { xs: Float64Array.of(2, 3), ys: Float64Array.of(200, 300) },
    ])
    expect(aligned).toEqual([
      [1, 2, 3, 4],
      [10, 20, null, 40],
      [null, 200, 300, null],
    ])
  })

  it('makes an empty chart of no points', () => {
    expect(align([{ xs: new Float64Array(0), ys: new Float64Array(0) }])).toEqual([[], []])
  })
})
