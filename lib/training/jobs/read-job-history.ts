import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { JobEvent } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'

export interface HistoryQuery {
  types?: JobEvent['type'][]
  after?: number
  before?: number
  limit: number
}

/** Events of one of the user's jobs, oldest first; with `before`, the last ones before it. */
export async function readJobHistory(
  { db }: Pick<Services, 'db'>,
  user: User,
  jobId: string,
  { types, after, before, limit }: HistoryQuery,
): Promise<JobEvent[]> {
  await getJob({ db }, user, jobId)
  const backwards = before !== undefined
  const rows = await db.asUser(user.id, (trx) => {
    let query = trx
      .selectFrom('training_job_events')
      .select(['id', 'type', 'data'])
      .where('job_id', '=', jobId)
      .orderBy('id', backwards ? 'desc' : 'asc')
      .limit(limit)
    if (types) query = query.where('type', 'in', types)
    if (after !== undefined) query = query.where('id', '>', after)
    if (before !== undefined) query = query.where('id', '<', before)
    return query.execute()
  })
  const events = rows as JobEvent[]
  return backwards ? events.reverse() : events
}
