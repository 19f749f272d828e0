import type { Services } from '#lib/services.ts'
import type { JobStatus } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { isEnd } from './job-states.ts'
import { type JobChange, moveJob } from './move-job.ts'

/** Ends what runs at the provider, verifies that it is gone, and only then says so. */
export async function stopJob(
  services: Pick<Services, 'db' | 'launchers'>,
  jobId: string,
  end: JobStatus = 'cancelled',
  change: JobChange = {},
): Promise<void> {
  const row = await services.db.service
    .selectFrom('training_jobs')
    .select(jobColumns)
    .where('id', '=', jobId)
    .executeTakeFirst()
  if (!row) return
  const job = jobOfRow(row)
  if (isEnd(job.status)) return
  await services.launchers.of(job.provider).cancel(job)
  await moveJob(services, jobId, end, change)
}
