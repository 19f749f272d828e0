import { bearerOf } from '#lib/auth/authenticate.ts'
import { hashToken } from '#lib/auth/tokens/token-secret.ts'
import { unauthenticated } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

/** The job that this token belongs to, if it is this one and still alive. */
export async function authenticateJob(
  { db }: Pick<Services, 'db'>,
  headers: Headers,
  jobId: string,
): Promise<Job> {
  const token = bearerOf(headers)
  const row =
    token &&
    (await db.service
      .selectFrom('training_jobs')
      .select(jobColumns)
      .where('id', '=', jobId)
      .where('token_hash', '=', hashToken(token))
      .where('ended_at', 'is', null)
      .executeTakeFirst())
  if (row) return jobOfRow(row)
  throw unauthenticated(
    'invalid_job_token',
    'This token does not belong to a living job',
    'The job has ended, or was launched again.',
  )
}
