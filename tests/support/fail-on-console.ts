import { afterEach, beforeEach, expect, vi } from 'vitest'

/** A warning that nobody expected is a defect: the test during which it was printed fails. */
const levels = ['error', 'warn'] as const

beforeEach(() => {
  for (const level of levels) vi.spyOn(console, level)
})

afterEach(() => {
  for (const level of levels) {
    const calls = vi.mocked(console[level]).mock.calls
    vi.mocked(console[level]).mockRestore()
    expect(calls, `console.${level} was called`).toEqual([])
  }
})
