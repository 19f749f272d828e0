import type { Services } from '#lib/services.ts'
import type { Job, JobEvent } from '#lib/training/job.types.ts'

/** The next events of a job, oldest first. For those who have seen that the job is its reader's own, once. */
export async function readEventsAfter(
  { db }: Pick<Services, 'db'>,
  { id, user_id }: Pick<Job, 'id' | 'user_id'>,
  after: number,
  limit: number,
): Promise<JobEvent[]> {
  const rows = await db.service
    .selectFrom('training_job_events')
    .select(['id', 'type', 'data'])
    .where('job_id', '=', id)
    .where('user_id', '=', user_id)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows as JobEvent[]
}
