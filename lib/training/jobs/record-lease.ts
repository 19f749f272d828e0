import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Job, LeaseAction } from '#lib/training/job.types.ts'

export interface LeaseNote {
  action: LeaseAction
  datasets?: { dataset_id: string; name: string }[]
  /** When the first of the links runs out, ISO 8601. */
  expiresAt?: string
  reason?: string
}

/** Writes down what a job was given, refused, or lost; never the token or the link itself. */
export async function recordLeaseWithin(
  trx: Transaction<DatabaseSchema>,
  job: Pick<Job, 'id' | 'user_id'>,
  { action, datasets = [], expiresAt, reason }: LeaseNote,
): Promise<void> {
  await trx
    .insertInto('training_job_leases')
    .values({
      job_id: job.id,
      user_id: job.user_id,
      action,
      datasets: JSON.stringify(datasets),
      expires_at: expiresAt ?? null,
      reason: reason ?? null,
    })
    .execute()
}

/** Writes down that what a job had is taken from it, if it had anything that was not taken already. */
export async function revokeLeasesWithin(
  trx: Transaction<DatabaseSchema>,
  job: Pick<Job, 'id' | 'user_id'>,
  reason: string,
): Promise<void> {
  await sql`
    insert into training_job_leases (job_id, user_id, action, reason)
    select ${job.id}::uuid, ${job.user_id}::uuid, 'revoked', ${reason}
    where (
      select action from training_job_leases
      where job_id = ${job.id}::uuid and action in ('token_issued', 'revoked')
      order by id desc limit 1
    ) = 'token_issued'`.execute(trx)
}
