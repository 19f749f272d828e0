-- What a training leaves with us, from its first byte on: `receiving` while it comes in, `ready` when it is whole and its
-- hash is proved, `removing` until the store has let go of it. lib/training/artifacts/ owns the states.

alter table public.training_job_artifacts
  add column if not exists status text not null default 'ready' check (status in ('receiving', 'ready', 'removing')),
  add column if not exists storage_provider text not null default 'local'
    check (storage_provider in ('supabase', 's3', 'local')),
  add column if not exists storage_bucket text,
  add column if not exists storage_region text,
  add column if not exists storage_endpoint text,
  -- Bytes that are safe: whoever goes on sending begins there.
  add column if not exists received_bytes bigint not null default 0,
  add column if not exists hash_state bytea,
  add column if not exists put_handle jsonb,
  add column if not exists put_stored_bytes bigint not null default 0,
  add column if not exists put_tail bytea,
  add column if not exists writer_id uuid,
  add column if not exists writer_process_id uuid,
  add column if not exists writer_seen_at timestamptz,
  add column if not exists updated_at timestamptz not null default now();

-- The objects of a job that is deleted have to be removed first: their rows outlive it for as long as that takes.
alter table public.training_job_artifacts alter column job_id drop not null;
alter table public.training_job_artifacts drop constraint if exists training_job_artifacts_job_id_fkey;
alter table public.training_job_artifacts add constraint training_job_artifacts_job_id_fkey
  foreign key (job_id) references public.training_jobs (id) on delete set null;

-- One of a name is there, and one of a name comes in.
alter table public.training_job_artifacts drop constraint if exists training_job_artifacts_job_id_name_key;
create unique index if not exists training_job_artifacts_ready
  on public.training_job_artifacts (job_id, name) where status = 'ready';
create unique index if not exists training_job_artifacts_receiving
  on public.training_job_artifacts (job_id, name) where status = 'receiving';
create index if not exists training_job_artifacts_unsettled
  on public.training_job_artifacts (updated_at) where status <> 'ready' or job_id is null;

revoke all on public.training_job_artifacts from anon, authenticated;
grant select (id, job_id, user_id, name, size_bytes, sha256, status, storage_provider, storage_bucket, storage_region,
    storage_endpoint, storage_path, received_bytes, created_at, updated_at)
  on public.training_job_artifacts to authenticated;
