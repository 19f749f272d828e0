import type { User } from '#lib/auth/identity.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'
import { isEnd } from './job-states.ts'
import { moveJob } from './move-job.ts'
import { stopJob } from './stop-job.ts'

/** Asks a job to end. One that nobody launched yet ends at once; the others when the provider says that it is gone. */
export async function cancelJob(
  services: Pick<Services, 'db' | 'launchers' | 'log'>,
  user: User,
  id: string,
): Promise<Job> {
  const job = await getJob(services, user, id)
  if (isEnd(job.status))
    throw conflict('job_ended', 'This job has ended already', `Its status is "${job.status}".`)
  await services.db.service
    .updateTable('training_jobs')
    .set({ cancel_requested_at: new Date(), updated_at: new Date() })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute()
  if (job.status === 'queued') {
    const cancelled = await moveJob(services, id, 'cancelled')
    if (cancelled) return cancelled
  }
  // Not awaited: a trainer may take its time to save. The reconciler goes on if this process does not.
  void stopJob(services, id).catch((error) =>
    services.log.warn({ err: error, job: id }, 'a job did not stop yet'),
  )
  return getJob(services, user, id)
}
