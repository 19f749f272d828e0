import { describe, expect, it } from 'vitest'
import { SeriesStore } from './series-store.ts'

describe('SeriesStore', () => {
  it('takes each event once, however often it is sent', () => {
    const store = new SeriesStore()
    expect(store.append(4, [{ step: 1, loss: 3 }])).toBe(true)
    expect(store.append(4, [{ step: 1, loss: 3 }])).toBe(false)
    expect(store.append(3, [{ step: 9, loss: 9 }])).toBe(false)
    expect([...store.steps.view()]).toEqual([1])
    expect(store.lastEventId).toBe(4)
  })

  it('joins what is measured at one step', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 10, loss: 2, learning_rate: 0.1 },
      { step: 10, eval_loss: 2.5 },
    ])
    expect([...store.steps.view()]).toEqual([10])
    expect([...(store.column('eval_loss') ?? [])]).toEqual([2.5])
    expect([...(store.column('loss') ?? [])]).toEqual([2])
  })

  it('leaves a gap where a measurement is missing, also for one that comes late', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 1, loss: 3 },
      { step: 2, loss: 2 },
      { step: 3, gpu_memory_mib: 800 },
    ])
    expect([...(store.column('loss') ?? [])]).toEqual([3, 2, Number.NaN])
    expect([...(store.column('gpu_memory_mib') ?? [])]).toEqual([Number.NaN, Number.NaN, 800])
  })

  it('replaces steps that a resumed run does again, and stays in order', () => {
    const store = new SeriesStore()
    store.append(1, [
      { step: 10, loss: 3 },
      { step: 20, loss: 2 },
      { step: 40, loss: 1 },
    ])
    store.append(2, [
      { step: 20, loss: 2.2 },
      { step: 30, loss: 1.5 },
    ])
    expect([...store.steps.view()]).toEqual([10, 20, 30, 40])
    expect([...(store.column('loss') ?? [])]).toEqual([3, 2.2, 1.5, 1])
  })

  it('makes no curve of positions or words', () => {
    const store = new SeriesStore()
    store.append(1, [{ step: 1, epoch: 0.1, total_steps: 9, loss: 1, phase: 'warm-up', done: false }])
    expect(store.names).toEqual(['loss'])
  })

  it('holds 100,000 points in order', () => {
    const store = new SeriesStore()
    for (let step = 1; step <= 100_000; step++) store.append(step, [{ step, loss: 1 / step }])
    expect(store.length).toBe(100_000)
    expect(store.steps.at(99_999)).toBe(100_000)
  })
})
