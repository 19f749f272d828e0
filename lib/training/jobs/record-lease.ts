import type { Transaction } from 'kysely'
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
