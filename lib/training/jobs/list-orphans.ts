import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { orphansSchema } from '#lib/training/job.types.ts'

const shownMax = 200

/** The user's machines that were ended because nothing was to run there, newest first; of one job, or of all. */
export async function listOrphans(
  { db }: Pick<Services, 'db'>,
  user: User,
  jobId?: string,
): Promise<z.infer<typeof orphansSchema>> {
  const rows = await db.asUser(user.id, (trx) => {
    const all = trx
      .selectFrom('training_orphans')
      .selectAll()
      .where('user_id', '=', user.id)
      .orderBy('id', 'desc')
      .limit(shownMax)
    return (jobId ? all.where('job_id', '=', jobId) : all).execute()
  })
  return {
    orphans: rows.map(({ user_id: _, ...row }) => ({
      ...row,
      machine_created_at: row.machine_created_at?.toISOString() ?? null,
      found_at: row.found_at.toISOString(),
      ended_at: row.ended_at?.toISOString() ?? null,
    })),
  }
}
