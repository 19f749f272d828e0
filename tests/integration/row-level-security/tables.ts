/**
 * Every table with what its owner may do through row-level security, as the application's role `authenticated`.
 * A table that is missing here fails the suite: whoever adds one says who may do what with it.
 */
export type Operation = 'select' | 'insert' | 'update' | 'delete'

export interface TableRule {
  /** A row of the given owner, as the server writes it; `ids` holds the ids of earlier tables' rows. */
  row(owner: string, ids: SeededIds): Record<string, unknown>
  /** What the owner may do with rows of their own. */
  owner: readonly Operation[]
  /** For owners that may insert: the columns that they may give, where not all. */
  insertable?: readonly string[]
  /** For owners that may update: a column that they may change, and the value. */
  change?: Record<string, unknown>
  /** Columns that are the server's to say, each with a value that an owner must not be able to write. */
  serverOnly?: Record<string, unknown>
  /** Columns that an owner may not even read. */
  hidden?: readonly string[]
}

export interface SeededIds {
  config: string
  dataset: string
  job: string
}

const later = new Date('2030-01-01T00:00:00Z')
const hash = () => crypto.randomUUID().replaceAll('-', '').repeat(2)

/** Rows that are nobody's: only the server may touch them. */
const serverTable = (row: TableRule['row']): TableRule => ({ row, owner: [] })

export const tableRules: Record<string, TableRule> = {
  'public.training_configs': {
    row: (user_id, { config }) => ({
      id: config,
      user_id,
      name: 'config',
      provider: 'local',
      base_model: 'm',
      method: 'sft',
      trainer: 'smoke',
    }),
    owner: ['select', 'insert', 'update', 'delete'],
    change: { name: 'renamed' },
  },
  'public.training_datasets': {
    row: (user_id, { dataset, config }) => ({
      id: dataset,
      user_id,
      config_id: config,
      name: 'dataset',
      format: 'chatml',
      metadata: '{}',
    }),
    owner: ['select', 'insert', 'update'],
    insertable: ['id', 'user_id', 'config_id', 'name', 'format', 'metadata'],
    change: { name: 'renamed' },
    serverOnly: {
      status: 'ready',
      storage_path: 'somebody/else',
      storage_bucket: 'elsewhere',
      sha256: hash(),
      file_size_bytes: 1,
      total_examples: 1,
      user_id: crypto.randomUUID(),
    },
  },
  'public.dataset_member_indexes': {
    row: (user_id, { dataset }) => ({ dataset_id: dataset, user_id, members: new Uint8Array([1]) }),
    owner: ['select'],
  },
  'public.dataset_problem_rows': {
    row: (user_id, { dataset }) => ({
      upload_id: dataset,
      user_id,
      part: 0,
      lines: new Uint8Array([1]),
      rows_kept: 1,
      rows_left_out: 0,
      expires_at: later,
    }),
    owner: ['select', 'delete'],
  },
  'public.dataset_uploads': {
    row: (user_id, { dataset }) => ({ dataset_id: dataset, user_id, process_id: crypto.randomUUID() }),
    owner: ['select'],
  },
  'public.dataset_upload_sessions': {
    row: (user_id, { dataset }) => ({
      id: dataset,
      user_id,
      size_bytes: 1,
      fields: '{}',
      storage_provider: 'local',
      storage_path: 'a/b',
      expires_at: later,
    }),
    owner: ['select'],
    hidden: [
      'checkpoint',
      'checkpoint_tables',
      'put_handle',
      'put_stored_bytes',
      'put_tail',
      'result',
      'writer_id',
      'writer_process_id',
    ],
  },
  'public.training_jobs': {
    row: (user_id, { job, config }) => ({
      id: job,
      user_id,
      training_config_id: config,
      name: 'job',
      provider: 'local',
      config: '{}',
      datasets: '[]',
      token_hash: hash(),
    }),
    owner: ['select'],
    hidden: ['token_hash', 'last_report_seq'],
  },
  'public.training_job_events': {
    row: (user_id, { job }) => ({ job_id: job, user_id, type: 'logs', data: '[]' }),
    owner: ['select'],
  },
  'public.training_job_launches': serverTable((_, { job }) => ({ job_id: job })),
  'public.training_job_leases': {
    row: (user_id, { job }) => ({ job_id: job, user_id, action: 'issued' }),
    owner: ['select'],
  },
  'public.training_orphans': {
    row: (user_id, { job }) => ({
      user_id,
      job_id: job,
      provider: 'runpod',
      provider_ref: crypto.randomUUID(),
      name: 'ftl-0',
      reason: 'job_ended',
    }),
    owner: ['select'],
  },
  'public.training_job_artifacts': {
    row: (user_id, { job }) => ({
      job_id: job,
      user_id,
      name: 'adapter.tar',
      size_bytes: 1,
      sha256: hash(),
      storage_path: 'a/b',
    }),
    owner: ['select'],
    hidden: [
      'hash_state',
      'put_handle',
      'put_stored_bytes',
      'put_tail',
      'writer_id',
      'writer_process_id',
      'writer_seen_at',
    ],
  },
  'public.dataset_links': {
    row: (user_id, { dataset, job }) => ({ dataset_id: dataset, job_id: job, user_id, expires_at: later }),
    owner: ['select'],
  },
  'public.job_codes': {
    row: (user_id, { job }) => ({ job_id: job, user_id, code_hash: hash(), expires_at: later }),
    owner: ['select'],
    hidden: ['code_hash'],
  },
  'public.api_tokens': {
    row: (user_id) => ({ user_id, name: 'token', preview: 'ftl_...', token_hash: hash() }),
    owner: ['select', 'delete'],
    hidden: ['token_hash'],
  },
  'public.secrets': {
    row: (user_id) => ({ user_id, provider: 'aws', sealed: 'v1.0.0.0', preview: 'AKIA...7XYZ' }),
    owner: ['select', 'delete'],
    hidden: ['sealed'],
  },
  'public.provider_turns': serverTable(() => ({ account: hash(), kind: 'request', next_at: later })),
  'public.rate_limits': serverTable((of) => ({ key: `test ${of}`, count: 1, window_ends_at: later })),
  'public.ended_sessions': serverTable(() => ({ session_id: crypto.randomUUID(), needed_until: later })),
  'public.app_processes': serverTable(() => ({
    id: crypto.randomUUID(),
    kind: 'web',
    host: 'h',
    pid: 1,
  })),
  'public.app_duties': serverTable((holder) => ({ name: `duty of ${holder}`, holder, held_until: later })),
  'public.app_deployment': serverTable(() => ({ singleton: true })),
  'accounts.user': serverTable((id) => ({ id, name: 'n', email: `${id}@example.org` })),
  'accounts.session': serverTable((user_id) => ({ user_id, token: hash(), expires_at: later })),
  'accounts.account': serverTable((user_id) => ({ user_id, account_id: user_id, provider_id: 'credential' })),
  'accounts.verification': serverTable((identifier) => ({ identifier, value: 'v', expires_at: later })),
}

/** The order in which rows can be written: accounts first, then what others refer to. */
export const tableOrder = Object.keys(tableRules).sort(
  (a, b) => Number(b.startsWith('accounts.')) - Number(a.startsWith('accounts.')),
)
