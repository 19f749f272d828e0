import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Outcome } from '#lib/training/launchers/launcher.ts'
import { closeBillWithin } from './close-bill.ts'
import { moveJobWithin } from './move-job.ts'

/** Ends a job whose machine is gone, as the outcome says. */
export async function finishJob(
  { db }: Pick<Services, 'db'>,
  job: Job,
  { status, error, resultPath }: Outcome,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (status === 'succeeded' && job.status !== 'running') await moveJobWithin(trx, job.id, 'running')
    await moveJobWithin(trx, job.id, status, {
      ...(resultPath ? { resultPath } : {}),
      ...(error ? { error } : {}),
    })
    await closeBillWithin(trx, job.id)
  })
}
