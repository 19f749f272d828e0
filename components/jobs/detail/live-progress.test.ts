import { expect, test } from 'vitest'
import { SeriesStore } from '#components/charts/series-store.ts'
import { liveProgress } from './live-progress.ts'

function measured(...steps: number[]): SeriesStore {
  const series = new SeriesStore()
  series.append(
    1,
    steps.map((step) => ({ step, loss: 1 })),
  )
  return series
}

test('a step that was measured counts before the job is read again', () => {
  expect(liveProgress({ progress: null }, measured(10, 20))).toMatchObject({ step: 20, total_steps: null })
  const progress = { step: 10, total_steps: 50, epoch: 0.2 }
  expect(liveProgress({ progress }, measured(10, 20))).toEqual({ ...progress, step: 20 })
})

test('progress never goes back, and nothing measured is nothing known', () => {
  const progress = { step: 30, total_steps: 50, epoch: 0.6 }
  expect(liveProgress({ progress }, measured(10, 20))).toEqual(progress)
  expect(liveProgress({ progress: null }, measured())).toBeNull()
})
