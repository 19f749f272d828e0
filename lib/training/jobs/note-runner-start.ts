import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { noticeJob } from './notice-job.ts'

const startsMax = 5
const withinSeconds = 3600

/**
 * Counts the processes that a job's runner has been. Too many of them within an hour are a crash loop: the machine is
 * marked, and the job ended, by the reconciler.
 */
export async function noteRunnerStart(
  services: Pick<Services, 'db'>,
  job: Job,
  start: string,
): Promise<void> {
  const starts = await inTransaction(services.db, async (trx) => {
    const launch = await trx
      .selectFrom('training_job_launches')
      .select(['runner_start', 'runner_starts'])
      .where('job_id', '=', job.id)
      .forUpdate()
      .executeTakeFirst()
    if (!launch || launch.runner_start === start) return 0
    const since = Date.now() - withinSeconds * 1000
    const recent = [...launch.runner_starts.filter((at) => at.getTime() > since), new Date()]
    const message = `Its runner was started ${recent.length} times within an hour and never came to an end.`
    await trx
      .updateTable('training_job_launches')
      .set({
        runner_start: start,
        runner_starts: recent,
        ...(recent.length > startsMax
          ? { machine_fault: JSON.stringify({ code: 'crash_loop', message }) }
          : {}),
      })
      .where('job_id', '=', job.id)
      .execute()
    return recent.length
  })
  if (starts < 2) return
  const message = `The runner was started again, ${starts} starts within an hour.`
  await noticeJob(services, job, { level: 'warning', code: 'runner_restarted', message })
}
