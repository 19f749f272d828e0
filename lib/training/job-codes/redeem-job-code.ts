import { sql } from 'kysely'
import { hashToken, makeToken } from '#lib/auth/tokens/token-secret.ts'
import { inTransaction } from '#lib/db/database.ts'
import { takeTurn } from '#lib/db/rate-limit.ts'
import { unauthenticated } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { revokeLeasesWithin } from '#lib/training/jobs/record-lease.ts'
import { readRunnerFile, runnerPath } from '#lib/training/launchers/runner-file.ts'
import { hashCode } from './job-code.ts'
import type { Redeemed } from './job-code.types.ts'

/**
 * Gives the job's token for a code: once. A token that an earlier notebook got is dead from then on, so that of two
 * notebooks of one job only the newer trains. `address`: whose guesses are counted.
 */
export async function redeemJobCode(
  { db, linkKeys, publicUrl }: Pick<Services, 'db' | 'linkKeys' | 'publicUrl'>,
  code: string,
  address: string,
): Promise<Redeemed> {
  await takeTurn(db, { name: 'redeem-code', of: address, max: 20, windowSeconds: 60 })
  const token = makeToken('job')
  const now = new Date()
  const jobId = await inTransaction(db, async (trx) => {
    const used = await trx
      .updateTable('job_codes')
      .set({ redeemed_at: sql<Date>`now()` })
      .where(
        'code_hash',
        'in',
        linkKeys.map((key) => hashCode(code, key)),
      )
      .where('redeemed_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning('job_id')
      .executeTakeFirst()
    if (!used) return null
    const job = await trx
      .updateTable('training_jobs')
      // The new runner counts its reports from one.
      .set({ token_hash: hashToken(token), last_report_seq: 0, last_heartbeat_at: now, updated_at: now })
      .where('id', '=', used.job_id)
      .where('status', 'in', ['starting', 'running'])
      .returning(['id', 'user_id'])
      .executeTakeFirst()
    if (!job) return null
    await revokeLeasesWithin(trx, job, 'Another notebook took the job over.')
    await trx
      .insertInto('training_job_leases')
      .values({ job_id: job.id, user_id: job.user_id, action: 'token_issued', reason: 'one_time_code' })
      .execute()
    return job.id
  })
  if (!jobId)
    throw unauthenticated(
      'invalid_code',
      'This code is not valid, or not any more',
      "A code lives 15 minutes and works once: make a new one on the job's page.",
    )
  const url = publicUrl()
  return {
    job_id: jobId,
    token,
    url,
    runner: { url: `${url}${runnerPath}`, sha256: readRunnerFile().sha256 },
  }
}
