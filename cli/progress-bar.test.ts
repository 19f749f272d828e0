import { expect, it } from 'vitest'
import { progressLine } from './progress-bar.ts'

const rate = { bytesPerSecond: 38_100_000, measuredAtMs: 0, measuredBytes: 0 }

it('shows how far it is, how fast, and how long it takes', () => {
  expect(progressLine('Sending', { doneBytes: 1_240_000_000, totalBytes: 2_400_000_000, rate })).toBe(
    'Sending [############------------] 51 %  1.24 GB of 2.40 GB  38.1 MB/s  30 s left',
  )
})

it('says what it waits for when everything has left, and divides nothing by zero', () => {
  expect(progressLine('Sending', { doneBytes: 10, totalBytes: 10, rate })).toContain('checking the last rows')
  expect(progressLine('Sending', { doneBytes: 0, totalBytes: 0, rate })).toContain('100 %')
})
