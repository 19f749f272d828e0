import type { Job } from '#lib/training/job.types.ts'
import { isEnd } from './job-states.ts'

const warningShare = 0.8

export type LimitVerdict =
  | { kind: 'within' }
  | { kind: 'warn'; message: string }
  | { kind: 'end'; status: 'timed_out' | 'failed'; error: { code: string; message: string } }

/**
 * Whether a job may go on, by its maximum runtime and its budget. Where a machine costs money its time counts from when
 * it does, elsewhere from the start of the training.
 */
export function judgeLimits(job: Job, now: Date): LimitVerdict {
  if (isEnd(job.status)) return { kind: 'within' }
  const from = job.billed_from ?? job.started_at
  const seconds = from === null ? 0 : (now.getTime() - Date.parse(from)) / 1000
  if (job.max_runtime_seconds !== null && seconds > job.max_runtime_seconds) {
    const message = `The training ran longer than its limit of ${job.max_runtime_seconds} s and was stopped.`
    return { kind: 'end', status: 'timed_out', error: { code: 'max_runtime', message } }
  }
  const { so_far, budget_limit } = job.cost
  if (so_far === null || budget_limit === null) return { kind: 'within' }
  if (so_far >= budget_limit) {
    const message = `The budget of ${usd(budget_limit)} is used up; the training was stopped.`
    return { kind: 'end', status: 'failed', error: { code: 'budget_exhausted', message } }
  }
  if (so_far < budget_limit * warningShare) return { kind: 'within' }
  return { kind: 'warn', message: `${usd(so_far)} of the budget of ${usd(budget_limit)} are used.` }
}

const usd = (amount: number) => `$${amount < 0.1 ? amount.toFixed(4) : amount.toFixed(2)}`
