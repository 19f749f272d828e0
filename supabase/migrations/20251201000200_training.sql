-- Configs, datasets and jobs. `user_id` names an account of either kind (ours, or Supabase Auth's), so it has no
-- foreign key. What only the server may decide (status, where bytes lie, what a job costs) is granted to nobody
-- else, column by column: a user who reaches the tables through PostgREST cannot declare a dataset ready.

create table if not exists public.training_configs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  name text not null check (char_length(name) between 1 and 200),
  description text check (char_length(description) <= 2000),
  provider text not null,
  base_model text not null,
  method text not null,
  trainer text not null,
  hyperparameters jsonb not null default '{}',
  datasets jsonb not null default '[]' check (jsonb_typeof(datasets) = 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- A table of this name may be there from before, in another shape: it gets what it lacks, and keeps all that it has.
alter table public.training_configs
  add column if not exists description text,
  add column if not exists provider text not null default 'local',
  add column if not exists base_model text not null default 'unknown',
  add column if not exists method text not null default 'sft',
  add column if not exists trainer text not null default 'smoke',
  add column if not exists hyperparameters jsonb not null default '{}',
  add column if not exists datasets jsonb not null default '[]',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();
alter table public.training_configs
  alter column user_id set default auth.uid(),
  alter column provider drop default,
  alter column base_model drop default,
  alter column method drop default,
  alter column trainer drop default;
create index if not exists training_configs_user on public.training_configs (user_id, created_at desc);

create table if not exists public.training_datasets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  config_id uuid references public.training_configs (id) on delete set null,
  name text not null check (char_length(name) between 1 and 200),
  description text check (char_length(description) <= 2000),
  format text,
  status text not null default 'uploading' check (status in ('uploading', 'ready', 'failed', 'deleting')),
  storage_path text,
  file_size_bytes bigint,
  raw_size_bytes bigint,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  total_examples bigint,
  avg_input_length double precision,
  avg_output_length double precision,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint training_datasets_ready_is_whole check (
    status <> 'ready'
    or (storage_path is not null and sha256 is not null and file_size_bytes is not null and total_examples is not null)
  )
);
-- As above. Rows from before are `failed`, not `uploading`, which would be swept: `npm run doctor` reads their objects and
-- makes them ready.
alter table public.training_datasets
  add column if not exists config_id uuid references public.training_configs (id) on delete set null,
  add column if not exists description text,
  add column if not exists format text,
  add column if not exists status text not null default 'failed'
    check (status in ('uploading', 'ready', 'failed', 'deleting')),
  add column if not exists storage_path text,
  add column if not exists file_size_bytes bigint,
  add column if not exists raw_size_bytes bigint,
  add column if not exists sha256 text,
  add column if not exists total_examples bigint,
  add column if not exists avg_input_length double precision,
  add column if not exists avg_output_length double precision,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();
alter table public.training_datasets
  alter column user_id set default auth.uid(),
  alter column status set default 'uploading';
update public.training_datasets
set metadata = coalesce(metadata, '{}') || jsonb_build_object('earlier_format', format), format = null
where format is not null and format not in ('chatml', 'sharegpt', 'alpaca', 'openorca', 'unnatural', 'prompt_completion',
  'dpo', 'kto', 'rlhf', 'raw_text', 'jsonl');
create index if not exists training_datasets_user on public.training_datasets (user_id, created_at desc, id desc);
create index if not exists training_datasets_unfinished on public.training_datasets (status) where status <> 'ready';

-- Where each gzip member begins: one row a dataset, in the compact form of lib/ingest/member-index.
create table if not exists public.dataset_member_indexes (
  dataset_id uuid primary key references public.training_datasets (id) on delete cascade,
  user_id uuid not null default auth.uid(),
  members bytea not null
);

-- An upload that is under way, and the process that carries it: what has no living process is swept.
create table if not exists public.dataset_uploads (
  dataset_id uuid primary key references public.training_datasets (id) on delete cascade,
  user_id uuid not null default auth.uid(),
  client_upload_id uuid,
  process_id uuid not null,
  received_bytes bigint not null default 0,
  rows_read bigint not null default 0,
  status text not null default 'receiving' check (status in ('receiving', 'ready', 'failed')),
  heartbeat_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index if not exists dataset_uploads_client on public.dataset_uploads (user_id, client_upload_id);

create table if not exists public.training_jobs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  training_config_id uuid references public.training_configs (id) on delete set null,
  name text not null,
  provider text not null,
  status text not null default 'queued' check (status in
    ('queued', 'launching', 'starting', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost')),
  provider_ref text,
  config jsonb not null,
  datasets jsonb not null,
  progress jsonb,
  metrics jsonb,
  cost jsonb not null default '{"estimated": null, "so_far": null, "budget_limit": null}',
  error jsonb,
  result_path text,
  allow_cross_storage boolean not null default false,
  max_runtime_seconds integer,
  idempotency_key text,
  token_hash text,
  last_report_seq bigint not null default 0,
  cancel_requested_at timestamptz,
  last_heartbeat_at timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (user_id, idempotency_key)
);
create index if not exists training_jobs_user on public.training_jobs (user_id, created_at desc, id desc);
create index if not exists training_jobs_alive on public.training_jobs (provider, status) where ended_at is null;
create unique index if not exists training_jobs_token on public.training_jobs (token_hash);

-- Everything that happened to a job, in order: status changes, metric points, batches of log lines.
create table if not exists public.training_job_events (
  id bigint generated always as identity primary key,
  job_id uuid not null references public.training_jobs (id) on delete cascade,
  user_id uuid not null,
  type text not null check (type in ('status', 'metrics', 'logs')),
  data jsonb not null,
  at timestamptz not null default now()
);
create index if not exists training_job_events_job on public.training_job_events (job_id, id);

-- Every link that was ever signed, for whom and for how long; the link itself is not kept.
create table if not exists public.dataset_links (
  id bigint generated always as identity primary key,
  dataset_id uuid not null references public.training_datasets (id) on delete cascade,
  user_id uuid not null,
  job_id uuid references public.training_jobs (id) on delete set null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index if not exists dataset_links_dataset on public.dataset_links (dataset_id, id desc);

create table if not exists public.api_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  name text not null check (char_length(name) between 1 and 100),
  preview text not null,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz
);
create index if not exists api_tokens_user on public.api_tokens (user_id, created_at desc);

-- Processes that share this database, each with a heartbeat.
create table if not exists public.app_processes (
  id uuid primary key,
  kind text not null check (kind in ('web', 'worker')),
  host text not null,
  pid integer not null,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);

-- One row: what identifies this deployment to the outside.
create table if not exists public.app_deployment (
  singleton boolean primary key default true check (singleton),
  id uuid not null default gen_random_uuid(),
  signup_open boolean not null default false,
  created_at timestamptz not null default now()
);
insert into public.app_deployment (singleton) values (true) on conflict do nothing;

do $$
declare
  name text;
begin
  foreach name in array array[
    'training_configs', 'training_datasets', 'dataset_member_indexes', 'dataset_uploads', 'training_jobs',
    'training_job_events', 'dataset_links', 'api_tokens', 'app_processes', 'app_deployment'
  ] loop
    execute format('alter table public.%I enable row level security', name);
    -- Supabase's default privileges give new tables to everybody: start from nothing.
    execute format('revoke all on public.%I from anon, authenticated', name);
    execute format('grant select, insert, update, delete on public.%I to service_role', name);
    execute format('drop policy if exists server on public.%I', name);
    execute format('create policy server on public.%I to service_role using (true) with check (true)', name);
  end loop;

  foreach name in array array[
    'training_configs', 'training_datasets', 'dataset_member_indexes', 'dataset_uploads', 'training_jobs',
    'training_job_events', 'dataset_links', 'api_tokens'
  ] loop
    execute format('drop policy if exists owner_only on public.%I', name);
    execute format(
      'create policy owner_only on public.%I to authenticated '
      'using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()))', name);
  end loop;
end
$$;

grant select, insert, update, delete on public.training_configs to authenticated;
grant select on public.training_datasets, public.dataset_member_indexes, public.dataset_uploads,
  public.training_job_events, public.dataset_links to authenticated;
grant insert (id, user_id, config_id, name, description, format, metadata),
  update (config_id, name, description, updated_at) on public.training_datasets to authenticated;
grant select (id, user_id, training_config_id, name, provider, status, provider_ref, config, datasets, progress,
    metrics, cost, error, result_path, allow_cross_storage, max_runtime_seconds, idempotency_key,
    cancel_requested_at, last_heartbeat_at, created_at, started_at, ended_at, updated_at)
  on public.training_jobs to authenticated;
grant select (id, user_id, name, preview, created_at, last_used_at, expires_at), delete
  on public.api_tokens to authenticated;
