import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { SecretProvider } from '#lib/secrets/secret.types.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { DatasetFormat, DatasetStatus } from '#lib/training/dataset.types.ts'
import type { JobEvent, JobStatus, LeaseAction, OrphanReason } from '#lib/training/job.types.ts'
import type { Trainer, TrainingMethod, TrainingProvider } from '#lib/training/training-config.types.ts'
import type { UploadStatus } from '#lib/training/upload-session.types.ts'

/** The tables of supabase/migrations as Kysely sees them. */
type At = ColumnType<Date, Date | string | undefined, Date | string>
type MaybeAt = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
/** Read as parsed JSON, written as its text, which both drivers take alike. */
type Json<T> = ColumnType<T, string, string>
type JsonDefault<T> = ColumnType<T, string | undefined, string>

export interface DatabaseSchema {
  training_configs: TrainingConfigsTable
  training_datasets: TrainingDatasetsTable
  dataset_member_indexes: { dataset_id: string; user_id: string; members: Uint8Array }
  dataset_problem_rows: DatasetProblemRowsTable
  dataset_uploads: DatasetUploadsTable
  dataset_upload_sessions: DatasetUploadSessionsTable
  training_jobs: TrainingJobsTable
  training_job_events: TrainingJobEventsTable
  training_job_launches: TrainingJobLaunchesTable
  training_job_leases: TrainingJobLeasesTable
  training_orphans: TrainingOrphansTable
  training_job_artifacts: TrainingJobArtifactsTable
  dataset_links: DatasetLinksTable
  job_codes: JobCodesTable
  api_tokens: ApiTokensTable
  secrets: SecretsTable
  provider_turns: { account: string; kind: string; next_at: At }
  rate_limits: { key: string; count: number; window_ends_at: At }
  ended_sessions: { session_id: string; needed_until: At }
  app_processes: {
    id: string
    kind: 'web' | 'worker'
    host: string
    pid: number
    started_at: At
    heartbeat_at: At
  }
  app_duties: { name: string; holder: string; held_until: At }
  app_deployment: {
    singleton: Generated<boolean>
    id: Generated<string>
    signup_open: Generated<boolean>
    created_at: At
  }
}

interface TrainingConfigsTable {
  id: Generated<string>
  user_id: string
  name: string
  description: string | null
  provider: TrainingProvider
  base_model: string
  method: TrainingMethod
  trainer: Trainer
  hyperparameters: JsonDefault<unknown>
  datasets: JsonDefault<unknown>
  created_at: At
  updated_at: At
}

interface TrainingDatasetsTable {
  id: Generated<string>
  user_id: string
  config_id: string | null
  name: string
  description: string | null
  format: DatasetFormat | null
  status: Generated<DatasetStatus>
  storage_provider: StorageProvider
  storage_bucket: string | null
  storage_region: string | null
  storage_endpoint: string | null
  storage_path: string | null
  file_size_bytes: number | null
  raw_size_bytes: number | null
  sha256: string | null
  total_examples: number | null
  avg_input_length: number | null
  avg_output_length: number | null
  metadata: JsonDefault<unknown>
  created_at: At
  updated_at: At
}

interface DatasetProblemRowsTable {
  upload_id: string
  user_id: string
  part: number
  lines: Uint8Array
  rows_kept: number
  rows_left_out: number
  expires_at: ColumnType<Date, Date, Date>
  created_at: At
}

interface DatasetUploadsTable {
  dataset_id: string
  user_id: string
  client_upload_id: string | null
  process_id: string
  received_bytes: Generated<number>
  rows_read: Generated<number>
  status: Generated<'receiving' | 'ready' | 'failed'>
  heartbeat_at: At
  created_at: At
}

interface DatasetUploadSessionsTable {
  id: string
  user_id: string
  status: Generated<UploadStatus>
  file_name: string | null
  fingerprint: string | null
  size_bytes: number
  fields: Json<unknown>
  storage_provider: StorageProvider
  storage_bucket: string | null
  storage_region: string | null
  storage_endpoint: string | null
  storage_path: string
  raw_offset: Generated<number>
  rows_read: Generated<number>
  resumable: Generated<boolean>
  /** JSON as text: read by nobody but ingest. */
  checkpoint: string | null
  /** The parts of it that are large and seldom written. */
  checkpoint_tables: string | null
  put_handle: Json<unknown> | null
  put_stored_bytes: Generated<number>
  put_tail: Uint8Array | null
  result: string | null
  duplicate_of: string | null
  error: Json<unknown> | null
  writer_id: string | null
  writer_process_id: string | null
  writer_seen_at: MaybeAt
  expires_at: At
  created_at: At
  updated_at: At
}

interface TrainingJobsTable {
  id: Generated<string>
  user_id: string
  training_config_id: string | null
  name: string
  provider: TrainingProvider
  status: Generated<JobStatus>
  provider_ref: string | null
  config: Json<unknown>
  datasets: Json<unknown>
  progress: Json<unknown> | null
  metrics: Json<unknown> | null
  cost: JsonDefault<unknown>
  error: Json<unknown> | null
  result_path: string | null
  allow_cross_storage: Generated<boolean>
  max_runtime_seconds: number | null
  options: JsonDefault<unknown>
  detached: Generated<boolean>
  artifact_storage_provider: StorageProvider | null
  machine: Json<unknown> | null
  billed_from: MaybeAt
  billed_until: MaybeAt
  spent_before_usd: Generated<number>
  loss_preview: Json<unknown> | null
  idempotency_key: string | null
  token_hash: string | null
  last_report_seq: Generated<number>
  cancel_requested_at: MaybeAt
  last_heartbeat_at: MaybeAt
  created_at: At
  started_at: MaybeAt
  ended_at: MaybeAt
  updated_at: At
}

interface TrainingJobEventsTable {
  id: GeneratedAlways<number>
  job_id: string
  user_id: string
  type: JobEvent['type']
  data: Json<unknown>
  at: At
}

interface TrainingJobLaunchesTable {
  job_id: string
  environment: string | null
  holder: string | null
  held_until: MaybeAt
  attempt: Generated<number>
  asked_at: MaybeAt
  asked_until: MaybeAt
  request_sha256: string | null
  unanswered: Generated<number>
  waiting_since: MaybeAt
  waits: Generated<number>
  not_before: MaybeAt
  replacements: Generated<number>
  machine_fault: Json<unknown> | null
  budget_warned_at: MaybeAt
  log_cursor: string | null
  runner_start: string | null
  runner_starts: Generated<Date[]>
  updated_at: At
}

interface TrainingJobLeasesTable {
  id: GeneratedAlways<number>
  job_id: string
  user_id: string
  action: LeaseAction
  datasets: JsonDefault<unknown>
  expires_at: MaybeAt
  reason: string | null
  at: At
}

interface TrainingOrphansTable {
  id: GeneratedAlways<number>
  user_id: string
  job_id: string
  provider: TrainingProvider
  provider_ref: string
  name: string
  reason: OrphanReason
  usd_per_hour: number | null
  machine_created_at: MaybeAt
  found_at: At
  ended_at: MaybeAt
}

interface TrainingJobArtifactsTable {
  id: Generated<string>
  /** Null once the job is deleted, until the store has let go of the object. */
  job_id: string | null
  user_id: string
  name: string
  size_bytes: number
  sha256: string
  status: Generated<'receiving' | 'ready' | 'removing'>
  storage_provider: StorageProvider
  storage_bucket: string | null
  storage_region: string | null
  storage_endpoint: string | null
  storage_path: string
  received_bytes: Generated<number>
  hash_state: Uint8Array | null
  put_handle: Json<unknown> | null
  put_stored_bytes: Generated<number>
  put_tail: Uint8Array | null
  writer_id: string | null
  writer_process_id: string | null
  writer_seen_at: MaybeAt
  created_at: At
  updated_at: At
}

interface DatasetLinksTable {
  id: GeneratedAlways<number>
  dataset_id: string
  user_id: string
  job_id: string | null
  expires_at: At
  created_at: At
}

interface JobCodesTable {
  job_id: string
  user_id: string
  code_hash: string
  expires_at: At
  redeemed_at: MaybeAt
  created_at: At
}

interface ApiTokensTable {
  id: Generated<string>
  user_id: string
  name: string
  preview: string
  token_hash: string
  created_at: At
  last_used_at: MaybeAt
  expires_at: MaybeAt
}

interface SecretsTable {
  id: Generated<string>
  user_id: string
  provider: SecretProvider
  sealed: string
  preview: string
  description: string | null
  metadata: JsonDefault<unknown>
  last_test: Json<unknown> | null
  last_used_at: MaybeAt
  created_at: At
  updated_at: At
}
