import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Job } from '#lib/training/job.types.ts'
import { costSoFar } from './job-cost.ts'

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
  'options',
  'detached',
  'artifact_storage_provider',
  'machine',
  'billed_from',
  'billed_until',
  'spent_before_usd',
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
  spent_before_usd,
  ...row
}: Pick<JobRow, (typeof jobColumns)[number]>): Job {
  const machine = row.machine as Job['machine']
  const cost = row.cost as Job['cost']
  return {
    ...row,
    options: row.options as Job['options'],
    machine,
    billed_from: row.billed_from?.toISOString() ?? null,
    billed_until: row.billed_until?.toISOString() ?? null,
    config: row.config as Job['config'],
    datasets: row.datasets as Job['datasets'],
    progress: row.progress as Job['progress'],
    metrics: row.metrics as Job['metrics'],
    cost: { ...cost, so_far: costSoFar({ ...row, machine, spent_before_usd }) ?? cost.so_far },
    error: row.error as Job['error'],
    cancel_requested_at: row.cancel_requested_at?.toISOString() ?? null,
    last_heartbeat_at: row.last_heartbeat_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
    updated_at: row.updated_at.toISOString(),
  }
}
