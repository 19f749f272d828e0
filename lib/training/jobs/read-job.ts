import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

/** A job as the application itself sees it, whoever owns it; null when there is none. */
export async function readJob({ db }: Pick<Services, 'db'>, id: string): Promise<Job | null> {
  const row = await db.service
    .selectFrom('training_jobs')
    .select(jobColumns)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? jobOfRow(row) : null
}
