import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

/** A job of the user's; a stranger's looks like none. */
export async function getJob({ db }: Pick<Services, 'db'>, user: Pick<User, 'id'>, id: string): Promise<Job> {
  const row = await db.asUser(user.id, (trx) =>
    trx.selectFrom('training_jobs').select(jobColumns).where('id', '=', id).executeTakeFirst(),
  )
  if (!row) throw notFound('job_not_found', 'There is no such job')
  return jobOfRow(row)
}
