import type { User } from '#lib/auth/identity.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { getJob } from './get-job.ts'
import { isEnd } from './job-states.ts'

/** Forgets a job that has ended, with its curves and its log. What it produced stays where it lies. */
export async function deleteJob(
  { db }: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<{ deleted: true; id: string }> {
  const job = await getJob({ db }, user, id)
  if (!isEnd(job.status)) throw conflict('job_alive', 'This job has not ended', 'Cancel it first.')
  await db.service
    .deleteFrom('training_jobs')
    .where('id', '=', id)
    .where('ended_at', 'is not', null)
    .execute()
  return { deleted: true, id }
}
