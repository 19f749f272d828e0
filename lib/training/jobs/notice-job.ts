import type { Transaction } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import type { Job, JobNotice } from '#lib/training/job.types.ts'
import { addJobEvent } from './move-job.ts'

/** Tells a job's owner something on its page, now and in its history. */
export async function noticeJob(
  { db }: Pick<Services, 'db'>,
  job: Pick<Job, 'id' | 'user_id'>,
  notice: Omit<JobNotice, 'at'>,
): Promise<void> {
  await inTransaction(db, (trx) => noticeJobWithin(trx, job, notice))
}

export function noticeJobWithin(
  trx: Transaction<DatabaseSchema>,
  job: Pick<Job, 'id' | 'user_id'>,
  notice: Omit<JobNotice, 'at'>,
): Promise<void> {
  return addJobEvent(trx, job, 'notice', { ...notice, at: new Date().toISOString() } satisfies JobNotice)
}
