import { expect, test } from 'vitest'
import { jobStatuses } from '#lib/training/job.types.ts'
import { isEnd, mayFollow, statusesBefore } from './job-states.ts'

test('an end is never left', () => {
  for (const end of jobStatuses.filter(isEnd))
    for (const to of jobStatuses) expect(mayFollow(end, to)).toBe(false)
})

test('every state but the first can be reached, and every living one can be cancelled and can fail', () => {
  for (const status of jobStatuses) {
    if (status !== 'queued') expect(statusesBefore(status)).not.toEqual([])
    if (!isEnd(status)) expect(mayFollow(status, 'cancelled') && mayFollow(status, 'failed')).toBe(true)
  }
})
