import { expect, test } from 'vitest'
import { createWatchClock } from './watch-clock.ts'

test('watching is counted from the last gap on, and a long look is none', () => {
  let now = 0
  const clock = createWatchClock(15_000, () => now)
  const lookAfter = (seconds: number) => {
    now += seconds * 1000
    return clock.beginLook()
  }
  expect(lookAfter(15)).toBe(15)
  expect(lookAfter(15)).toBe(30)
  now += 600_000
  clock.endLook()
  expect(lookAfter(15)).toBe(645)
  // The lid was closed for an hour.
  expect(lookAfter(3600)).toBe(0)
  expect(lookAfter(15)).toBe(15)
})
