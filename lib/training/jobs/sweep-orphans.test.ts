import { expect, test } from 'vitest'
import { reasonToEnd } from './sweep-orphans.ts'

const now = Date.parse('2026-11-27T12:00:00Z')
const ago = (seconds: number) => new Date(now - seconds * 1000)
const running = {
  provider_ref: 'pod',
  ended_at: null,
  billed_from: ago(3600),
  max_runtime_seconds: 7200,
  is_launching: false,
}
const reasonOf = (job: Parameters<typeof reasonToEnd>[0], providerRef = 'pod') =>
  reasonToEnd(job, { providerRef, listedAt: now - 500 }, now)

test.each([
  ['the machine of a running job', reasonOf(running), null],
  ['one of a job that nobody knows', reasonOf(undefined), 'unknown_job'],
  ['one that is not the running job has', reasonOf(running, 'other'), 'second_machine'],
  ['one of a job without a machine', reasonOf({ ...running, provider_ref: null }), 'second_machine'],
  [
    'one that may be the answer to an open request',
    reasonOf({ ...running, is_launching: true }, 'other'),
    null,
  ],
  ['its own of a job that has just ended', reasonOf({ ...running, ended_at: ago(599) }), null],
  ['its own of a job that ended long ago', reasonOf({ ...running, ended_at: ago(601) }), 'job_ended'],
  [
    'another one of a job that has just ended',
    reasonOf({ ...running, ended_at: ago(1) }, 'other'),
    'job_ended',
  ],
  [
    'another one of a job that ended while the list was on its way',
    reasonOf({ ...running, ended_at: ago(0.4) }, 'other'),
    null,
  ],
  ['one whose time is over, and not for long', reasonOf({ ...running, billed_from: ago(7799) }), null],
  ['one long past its time', reasonOf({ ...running, billed_from: ago(7801) }), 'past_deadline'],
  ['one without a limit', reasonOf({ ...running, billed_from: ago(1e6), max_runtime_seconds: null }), null],
])('%s', (_, reason, expected) => {
  expect(reason).toBe(expected)
})
