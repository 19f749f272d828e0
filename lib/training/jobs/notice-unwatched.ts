import { sql } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { noticeJobWithin } from './notice-job.ts'

const code = 'machine_unwatched'

/**
 * Tells a job's owner, once, that its machine can be neither watched nor ended until they change something: a key that
 * is refused or gone. Other failures pass by themselves.
 */
export async function noticeUnwatched(
  { db }: Pick<Services, 'db'>,
  job: Pick<Job, 'id' | 'user_id' | 'provider'>,
  error: unknown,
): Promise<void> {
  if (!isAppError(error) || error.kind !== 'misconfigured') return
  const way = typeof error.details === 'string' ? ` ${error.details}` : ''
  await inTransaction(db, async (trx) => {
    await trx.selectFrom('training_jobs').select('id').where('id', '=', job.id).forUpdate().execute()
    const told = await trx
      .selectFrom('training_job_events')
      .select('id')
      .where('job_id', '=', job.id)
      .where('type', '=', 'notice')
      .where(sql<boolean>`data ->> 'code' = ${code}`)
      .executeTakeFirst()
    if (told) return
    await noticeJobWithin(trx, job, {
      level: 'error',
      code,
      message: `The machine can be neither watched nor ended, and may go on costing: ${error.message}.${way} If it is not wanted, end it at ${trainingProviderLabels[job.provider]}.`,
    })
  })
}
