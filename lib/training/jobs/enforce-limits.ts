import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { judgeLimits } from './judge-limits.ts'
import { noticeJobWithin } from './notice-job.ts'
import { noticeUnwatched } from './notice-unwatched.ts'
import { stopJob } from './stop-job.ts'
import { workOnEach } from './work-on-each.ts'

const jobsAtOnce = 32

type LimitServices = Pick<Services, 'db' | 'launchers' | 'queue' | 'log'>

/** Ends what is past its time or its budget, whatever the provider would allow, and warns once before. */
export async function enforceLimits(
  services: LimitServices,
  round: { everyMilliseconds: number; signal?: AbortSignal },
): Promise<void> {
  await workOnEach({
    find: () => limitedJobs(services),
    idOf: ({ id }) => id,
    work: (job) =>
      enforceOn(services, job)
        .catch(async (error) => {
          services.log.warn({ err: error, job: job.id }, 'a limit could not be enforced yet')
          await noticeUnwatched(services, job, error)
        })
        .catch((error) => services.log.warn({ err: error }, 'a notice could not be written')),
    atOnce: jobsAtOnce,
    ...round,
  })
}

async function limitedJobs(services: LimitServices): Promise<Job[]> {
  const rows = await services.db.service
    .selectFrom('training_jobs')
    .select(jobColumns)
    .where('ended_at', 'is', null)
    .where('provider_ref', 'is not', null)
    .execute()
  return rows.map(jobOfRow)
}

async function enforceOn(services: LimitServices, job: Job): Promise<void> {
  const verdict = judgeLimits(job, new Date())
  if (verdict.kind === 'end') return stopJob(services, job.id, verdict.status, { error: verdict.error })
  if (verdict.kind === 'warn') await warnOnce(services, job, verdict.message)
}

async function warnOnce({ db }: Pick<Services, 'db'>, job: Job, message: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('training_job_launches')
      .set({ budget_warned_at: new Date() })
      .where('job_id', '=', job.id)
      .where('budget_warned_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) await noticeJobWithin(trx, job, { level: 'warning', code: 'budget_80', message })
  })
}
