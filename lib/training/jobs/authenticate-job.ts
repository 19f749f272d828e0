import { bearerOf } from '#lib/auth/authenticate.ts'
import { hashToken } from '#lib/auth/tokens/token-secret.ts'
import { batched } from '#lib/db/batched.ts'
import type { Database } from '#lib/db/database.ts'
import { unauthenticated } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

export interface JobToken {
  jobId: string
  tokenHash: string
}

export type FindTokenJob = (token: JobToken) => Promise<Job | null>

const tokensAtOnce = 200

/** Looks tokens of living jobs up, many at once: with a thousand runners that is most of what a server is asked. */
export function createTokenFinder(db: Database): FindTokenJob {
  return batched({
    async run(tokens) {
      const rows = await db.service
        .selectFrom('training_jobs')
        .select([...jobColumns, 'token_hash'])
        .where(
          'token_hash',
          'in',
          tokens.map(({ tokenHash }) => tokenHash),
        )
        .where('ended_at', 'is', null)
        .execute()
      const found = new Map(rows.map(({ token_hash, ...row }) => [token_hash, row]))
      return tokens.map(({ jobId, tokenHash }) => {
        const row = found.get(tokenHash)
        return row?.id === jobId ? jobOfRow(row) : null
      })
    },
    keyOf: ({ tokenHash }) => tokenHash,
    max: tokensAtOnce,
  })
}

/** The job that this token belongs to, if it is this one and still alive. */
export async function authenticateJob(
  { findTokenJob }: Pick<Services, 'findTokenJob'>,
  headers: Headers,
  jobId: string,
): Promise<Job> {
  const token = bearerOf(headers)
  const job = token && (await findTokenJob({ jobId, tokenHash: hashToken(token) }))
  if (job) return job
  throw unauthenticated(
    'invalid_job_token',
    'This token does not belong to a living job',
    'The job has ended, or was launched again.',
  )
}
