import { expect, test } from 'vitest'
import { SeriesStore } from '#components/charts/series-store.ts'
import type { MetricPoint } from '#lib/training/job.types.ts'
import { liveJob } from './live-job.ts'

function measured(...points: MetricPoint[]): SeriesStore {
  const series = new SeriesStore()
  series.append(1, points)
  return series
}
const nothing = { progress: null, metrics: null }
const read = { progress: { step: 10, total_steps: 50, epoch: 0.2 }, metrics: { loss: 3, eval_loss: 2.5 } }

test('what was measured counts before the job is read again', () => {
  const series = measured({ step: 10, loss: 3 }, { step: 20, epoch: 0.4, loss: 1, learning_rate: 0.1 })
  expect(liveJob(nothing, series)).toEqual({
    progress: { step: 20, total_steps: null, epoch: 0.4 },
    metrics: { loss: 1, learning_rate: 0.1 },
  })
  expect(liveJob(read, series)).toEqual({
    progress: { step: 20, total_steps: 50, epoch: 0.4 },
    metrics: { loss: 1, eval_loss: 2.5, learning_rate: 0.1 },
  })
})

test('a later step that measured something else leaves the last loss', () => {
  const series = measured({ step: 20, loss: 1 }, { step: 25, eval_loss: 2 })
  expect(liveJob(read, series).metrics).toEqual({ loss: 1, eval_loss: 2 })
})

test('a job never goes back, and nothing measured is nothing known', () => {
  const ahead = { ...read, progress: { step: 30, total_steps: 50, epoch: 0.6 } }
  expect(liveJob(ahead, measured({ step: 10, loss: 9 }, { step: 20, loss: 8 }))).toBe(ahead)
  expect(liveJob(nothing, measured())).toBe(nothing)
})
