import type { User } from '#lib/auth/identity.ts'
import { inTransaction } from '#lib/db/database.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'
import { isEnd } from './job-states.ts'
import { moveJobWithin } from './move-job.ts'
import { revokeLeasesWithin } from './record-lease.ts'
import { stopJob } from './stop-job.ts'

/**
 * Asks a job to end, and takes its leases back. One that nobody asked a provider for yet ends at once; the others when
 * the provider says that nothing of them is there.
 */
export async function cancelJob(
  services: Pick<Services, 'db' | 'launchers' | 'queue' | 'log'>,
  user: User,
  id: string,
): Promise<Job> {
  const job = await getJob(services, user, id)
  if (isEnd(job.status))
    throw conflict('job_ended', 'This job has ended already', `Its status is "${job.status}".`)
  const cancelled = await inTransaction(services.db, async (trx) => {
    const asked = await trx
      .updateTable('training_jobs')
      .set({ cancel_requested_at: new Date(), updated_at: new Date() })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .where('cancel_requested_at', 'is', null)
      .returning('status')
      .executeTakeFirst()
    if (!asked) return null
    await revokeLeasesWithin(trx, job, 'The job was cancelled.')
    return asked.status === 'queued' ? moveJobWithin(trx, id, 'cancelled') : null
  })
  if (cancelled) return cancelled
  // Not awaited: a trainer may take its time to save. The reconciler goes on if this process does not.
  void stopJob(services, id).catch((error) =>
    services.log.warn({ err: error, job: id }, 'a job did not stop yet'),
  )
  return getJob(services, user, id)
}
