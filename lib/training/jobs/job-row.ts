import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Job } from '#lib/training/job.types.ts'

type JobRow = Selectable<DatabaseSchema['training_jobs']>

/** What a user may see of a job: everything but the token's hash and the runner's count of reports. */
export const jobColumns = [
  'id',
  'user_id',
  'training_config_id',
  'name',
  'provider',
  'status',
  'provider_ref',
  'config',
  'datasets',
  'progress',
  'metrics',
  'cost',
  'error',
  'result_path',
  'allow_cross_storage',
  'max_runtime_seconds',
  'idempotency_key',
  'cancel_requested_at',
  'last_heartbeat_at',
  'created_at',
  'started_at',
  'ended_at',
  'updated_at',
] as const

export function jobOfRow({
  idempotency_key: _,
  allow_cross_storage: __,
  ...row
}: Pick<JobRow, (typeof jobColumns)[number]>): Job {
  return {
    ...row,
    config: row.config as Job['config'],
    datasets: row.datasets as Job['datasets'],
    progress: row.progress as Job['progress'],
    metrics: row.metrics as Job['metrics'],
    cost: row.cost as Job['cost'],
    error: row.error as Job['error'],
    cancel_requested_at: row.cancel_requested_at?.toISOString() ?? null,
    last_heartbeat_at: row.last_heartbeat_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
    updated_at: row.updated_at.toISOString(),
  }
}
