import { expect, it } from 'vitest'
import type { JobCourse } from '#lib/training/job.types.ts'
import { noticesOf } from './notices.ts'

const at = '2026-01-01T00:00:00.000Z'
const notice = (id: number, code: string, message: string): JobCourse[number] => ({
  id,
  type: 'notice',
  at,
  data: { level: 'warning', code, message, at },
})

it('shows the newest first, and what was repeated once', () => {
  const course: JobCourse = [
    notice(1, 'no_capacity', 'again in 15 s'),
    { id: 2, type: 'status', at, data: { status: 'queued', error: null } },
    notice(3, 'no_capacity', 'again in 30 s'),
    notice(4, 'budget_80', 'nearly'),
    notice(5, 'no_capacity', 'again in 15 s'),
  ]
  expect(noticesOf(course).map(({ code, message, times }) => [code, message, times])).toEqual([
    ['no_capacity', 'again in 15 s', 1],
    ['budget_80', 'nearly', 1],
    ['no_capacity', 'again in 30 s', 2],
  ])
})
