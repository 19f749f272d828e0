import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { jobCourseSchema } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'

/** A job that waits for room for a day says so some three hundred times. */
const eventsMax = 2000

/** The states that one of the user's jobs has been in and what its owner was told, oldest first; the newest of very many. */
export async function readJobCourse(
  { db }: Pick<Services, 'db'>,
  user: User,
  jobId: string,
): Promise<z.output<typeof jobCourseSchema>> {
  await getJob({ db }, user, jobId)
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_job_events')
      .select(['id', 'type', 'data', 'at'])
      .where('job_id', '=', jobId)
      .where('type', 'in', ['status', 'notice'])
      .orderBy('id', 'desc')
      .limit(eventsMax)
      .execute(),
  )
  const events = rows.reverse().map((row) => ({ ...row, at: row.at.toISOString() }))
  return { events: events as z.output<typeof jobCourseSchema>['events'] }
}
