import type { Transaction } from 'kysely'
import { inTransaction, notify } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import type { Job, JobEvent, JobStatus } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { isEnd, statusesBefore } from './job-states.ts'
import { revokeLeasesWithin } from './record-lease.ts'

/** Carries the ids of jobs that something happened to. */
export const jobEventsChannel = 'finetunelab_job_events'

export interface JobChange {
  providerRef?: string
  tokenHash?: string
  error?: { code: string; message: string }
  resultPath?: string
}

/** Moves a job on if it may; null means that it was no longer in a state from which it may, and nothing changed. */
export function moveJob(
  { db }: Pick<Services, 'db'>,
  jobId: string,
  to: JobStatus,
  change: JobChange = {},
): Promise<Job | null> {
  return inTransaction(db, (trx) => moveJobWithin(trx, jobId, to, change))
}

export async function moveJobWithin(
  trx: Transaction<DatabaseSchema>,
  jobId: string,
  to: JobStatus,
  change: JobChange = {},
): Promise<Job | null> {
  const now = new Date()
  const row = await trx
    .updateTable('training_jobs')
    .set({
      status: to,
      updated_at: now,
      ...(change.providerRef !== undefined ? { provider_ref: change.providerRef } : {}),
      ...(change.tokenHash !== undefined ? { token_hash: change.tokenHash } : {}),
      // What held a job up is over when it goes on.
      error: change.error ? JSON.stringify(change.error) : null,
      ...(change.resultPath !== undefined ? { result_path: change.resultPath } : {}),
      ...(to === 'running' ? { started_at: now } : {}),
      // The token dies with the job.
      ...(isEnd(to) ? { ended_at: now, token_hash: null } : {}),
    })
    .where('id', '=', jobId)
    .where('status', 'in', statusesBefore(to))
    .returning(jobColumns)
    .executeTakeFirst()
  if (!row) return null
  const job = jobOfRow(row)
  await addJobEvent(trx, job, 'status', { status: job.status, error: job.error })
  if (isEnd(to)) await revokeLeasesWithin(trx, job, `The job has ended: ${to}.`)
  return job
}

export async function addJobEvent(
  trx: Transaction<DatabaseSchema>,
  job: Pick<Job, 'id' | 'user_id'>,
  type: JobEvent['type'],
  data: unknown,
): Promise<void> {
  await trx
    .insertInto('training_job_events')
    .values({ job_id: job.id, user_id: job.user_id, type, data: JSON.stringify(data) })
    .execute()
  await notify(trx, jobEventsChannel, job.id)
}
