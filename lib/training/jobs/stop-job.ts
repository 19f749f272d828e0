import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { JobStatus } from '#lib/training/job.types.ts'
import { closeBillWithin } from './close-bill.ts'
import { isEnd } from './job-states.ts'
import { type JobChange, moveJobWithin } from './move-job.ts'
import { readJob } from './read-job.ts'

/**
 * Ends what runs at the provider, verifies that it is gone, and only then says so. A job without a machine is in the
 * hands of its launch, which looks for what it may have started: `launch-job.ts`.
 */
export async function stopJob(
  services: Pick<Services, 'db' | 'launchers' | 'queue'>,
  jobId: string,
  end: JobStatus = 'cancelled',
  change: JobChange = {},
): Promise<void> {
  const job = await readJob(services, jobId)
  if (!job || isEnd(job.status)) return
  if (!job.provider_ref) return services.queue.sendLaunch(jobId)
  await services.launchers.of(job.provider).cancel(job)
  await inTransaction(services.db, async (trx) => {
    await moveJobWithin(trx, jobId, end, change)
    await closeBillWithin(trx, jobId)
  })
}
