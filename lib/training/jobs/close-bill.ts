import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { addJobEvent } from './move-job.ts'

/**
 * The machine is gone: from here on it costs nothing, and what it did cost is written down, by the provider's own count
 * of seconds where there is one.
 */
export async function closeBillWithin(
  trx: Transaction<DatabaseSchema>,
  jobId: string,
  billedSeconds?: number,
): Promise<void> {
  const until =
    billedSeconds === undefined
      ? sql<Date>`now()`
      : sql<Date>`billed_from + make_interval(secs => ${billedSeconds})`
  const row = await trx
    .updateTable('training_jobs')
    .set({ billed_until: until })
    .where('id', '=', jobId)
    .where('billed_from', 'is not', null)
    .where('billed_until', 'is', null)
    .returning(jobColumns)
    .executeTakeFirst()
  if (!row) return
  const job = jobOfRow(row)
  await trx
    .updateTable('training_jobs')
    .set({ cost: JSON.stringify(job.cost) })
    .where('id', '=', jobId)
    .execute()
  await addJobEvent(trx, job, 'cost', job.cost)
}
