import { describe, expect, it } from 'vitest'
import { shareDone, timeLeftAtPace, timeLeftOf } from './time-left.ts'

const start = Date.UTC(2026, 0, 1)
const iso = (second: number) => new Date(start + second * 1000).toISOString()

describe('timeLeftAtPace', () => {
  it('goes on at the pace of the last half', () => {
    const slowStart = [
      { step: 1, at: start + 60_000 },
      { step: 2, at: start + 61_000 },
      { step: 4, at: start + 63_000 },
    ]
    expect(timeLeftAtPace(slowStart, 10)).toBeCloseTo(6)
  })

  it('is zero at the end', () => {
    expect(timeLeftAtPace([{ step: 10, at: start }], 10)).toBe(0)
  })

  it('does not guess', () => {
    expect(timeLeftAtPace([], 10)).toBeNull()
    expect(timeLeftAtPace([{ step: 1, at: start }], 10)).toBeNull()
    expect(timeLeftAtPace([{ step: 1, at: start }], null)).toBeNull()
    expect(
      timeLeftAtPace(
        [
          { step: 5, at: start },
          { step: 3, at: start + 1000 },
        ],
        10,
      ),
    ).toBeNull()
  })
})

describe('timeLeftOf', () => {
  const job = {
    status: 'running' as const,
    progress: { step: 25, total_steps: 100, epoch: null },
    started_at: iso(0),
    last_heartbeat_at: iso(50),
    updated_at: iso(50),
  }

  it('is the rest of the way at the average pace', () => {
    expect(timeLeftOf(job, start + 50_000)).toBeCloseTo(150)
  })

  it('counts down between two reports, not below zero', () => {
    expect(timeLeftOf(job, start + 60_000)).toBeCloseTo(140)
    expect(timeLeftOf(job, start + 900_000)).toBe(0)
  })

  it('says nothing of jobs that do not run or have hardly begun', () => {
    expect(timeLeftOf({ ...job, status: 'queued' }, start)).toBeNull()
    expect(timeLeftOf({ ...job, progress: null }, start)).toBeNull()
    expect(timeLeftOf({ ...job, progress: { step: 1, total_steps: 1000, epoch: null } }, start)).toBeNull()
    expect(timeLeftOf({ ...job, progress: { step: 5, total_steps: null, epoch: null } }, start)).toBeNull()
  })
})

describe('shareDone', () => {
  it('never passes the whole', () => {
    expect(shareDone({ step: 120, total_steps: 100, epoch: null })).toBe(1)
    expect(shareDone({ step: 1, total_steps: null, epoch: null })).toBeNull()
    expect(shareDone(null)).toBeNull()
  })
})
