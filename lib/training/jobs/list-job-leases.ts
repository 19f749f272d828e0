import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { leaseRecordsSchema } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'

const shownMax = 1000

/** What one of the user's jobs was given, refused and lost, newest first. */
export async function listJobLeases(
  { db }: Pick<Services, 'db'>,
  user: User,
  jobId: string,
): Promise<z.infer<typeof leaseRecordsSchema>> {
  await getJob({ db }, user, jobId)
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_job_leases')
      .select(['id', 'action', 'datasets', 'expires_at', 'reason', 'at'])
      .where('job_id', '=', jobId)
      .orderBy('id', 'desc')
      .limit(shownMax)
      .execute(),
  )
  return {
    leases: rows.map((row) => ({
      ...row,
      datasets: row.datasets as { dataset_id: string; name: string }[],
      expires_at: row.expires_at?.toISOString() ?? null,
      at: row.at.toISOString(),
    })),
  }
}
