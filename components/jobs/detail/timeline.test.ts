import { describe, expect, it } from 'vitest'
import { timelineOf } from './timeline.ts'

const times = {
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: '2026-01-01T00:00:10.000Z',
  ended_at: '2026-01-01T00:01:00.000Z',
}
const statesOf = (job: Parameters<typeof timelineOf>[0]) =>
  timelineOf(job).map(({ status, state }) => `${status} ${state}`)

describe('timelineOf', () => {
  it('shows what lies ahead of a job that runs', () => {
    expect(statesOf({ ...times, status: 'starting', started_at: null, ended_at: null })).toEqual([
      'queued done',
      'launching done',
      'starting now',
      'running ahead',
      'succeeded ahead',
    ])
  })

  it('ends with the end', () => {
    expect(statesOf({ ...times, status: 'failed' }).at(-1)).toBe('failed failed')
    expect(timelineOf({ ...times, status: 'succeeded' }).at(-1)).toMatchObject({
      at: times.ended_at,
      lasts: true,
    })
  })

  it('leaves out what a job that never started did not reach', () => {
    expect(statesOf({ ...times, status: 'cancelled', started_at: null })).toEqual([
      'queued done',
      'cancelled stopped',
    ])
  })

  it('takes the times of the way from what was written down', () => {
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
    const news = (second: number, status: 'queued' | 'launching' | 'starting') => ({
      id: second,
      type: 'status' as const,
      at: at(second),
      data: { status, error: null },
    })
    const course = [
      news(0, 'queued'),
      news(1, 'launching'),
      news(2, 'queued'),
      news(3, 'launching'),
      news(4, 'starting'),
    ]
    const cancelled = timelineOf({ ...times, started_at: null, status: 'cancelled' }, course)
    expect(cancelled.map(({ status, at }) => [status, at])).toEqual([
      ['queued', times.created_at],
      ['launching', at(3)],
      ['starting', at(4)],
      ['cancelled', times.ended_at],
    ])
  })
})
