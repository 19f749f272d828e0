import type { User } from '#lib/auth/identity.ts'
import { takeTurn } from '#lib/db/rate-limit.ts'
import { conflict, invalid } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { isEnd } from '#lib/training/jobs/job-states.ts'
import { hashCode, makeCode } from './job-code.ts'
import type { JobCode } from './job-code.types.ts'

export const codeSeconds = 900

/** A code for a job of the user's that a person starts by hand; the code before it is worth nothing from now on. */
export async function createJobCode(
  services: Pick<Services, 'db' | 'launchers' | 'linkKeys'>,
  user: User,
  jobId: string,
): Promise<JobCode> {
  const job = await getJob(services, user, jobId)
  if (services.launchers.of(job.provider).capabilities.startedBy !== 'person')
    throw invalid(
      'no_code_needed',
      'This training starts without a code',
      'Codes are for notebooks that you open yourself.',
    )
  if (isEnd(job.status))
    throw conflict('job_over', 'This training has ended', 'Run it again from its page: that makes a new job.')
  if (job.status !== 'starting' && job.status !== 'running')
    throw conflict(
      'job_not_ready',
      'This training is not ready for its notebook yet',
      'Try again in a few seconds.',
    )
  await takeTurn(services.db, { name: 'job-code', of: user.id, max: 20, windowSeconds: 900 })
  const code = makeCode()
  const fresh = {
    code_hash: hashCode(code, services.linkKeys[0]!),
    expires_at: new Date(Date.now() + codeSeconds * 1000),
    redeemed_at: null,
    created_at: new Date(),
  }
  await services.db.service
    .insertInto('job_codes')
    .values({ job_id: job.id, user_id: user.id, ...fresh })
    .onConflict((on) => on.column('job_id').doUpdateSet(fresh))
    .execute()
  return { code, expires_at: fresh.expires_at.toISOString() }
}
