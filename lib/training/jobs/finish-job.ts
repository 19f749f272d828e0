import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Outcome } from '#lib/training/launchers/launcher.ts'
import { closeBillWithin } from './close-bill.ts'
import { judgeLimits } from './judge-limits.ts'
import { moveJobWithin } from './move-job.ts'

/** Ends a job whose machine is gone, as the outcome says, or as the limit does for which it was ended. */
export async function finishJob(
  { db }: Pick<Services, 'db'>,
  job: Job,
  outcome: Outcome,
  billedSeconds?: number,
): Promise<void> {
  const { status, error, resultPath } = reasonOfEnd(job, outcome)
  await inTransaction(db, async (trx) => {
    if (status === 'succeeded' && job.status !== 'running') await moveJobWithin(trx, job.id, 'running')
    await moveJobWithin(trx, job.id, status, {
      ...(resultPath ? { resultPath } : {}),
      ...(error ? { error } : {}),
    })
    await closeBillWithin(trx, job.id, billedSeconds)
  })
}

/** The machine that a limit is just ending looks, to whoever comes by before that is written down, stopped or lost. */
function reasonOfEnd(job: Job, outcome: Outcome): Outcome {
  if (outcome.status !== 'cancelled' && outcome.status !== 'lost') return outcome
  const verdict = judgeLimits(job, new Date())
  return verdict.kind === 'end' ? verdict : outcome
}
