-- Uploads that can be broken off and go on elsewhere. A session becomes a dataset of the same id when its file is whole;
-- until then it alone says where the bytes are that the store already has. lib/training/uploads/ owns the states.

create table if not exists public.dataset_upload_sessions (
  id uuid primary key,
  user_id uuid not null default auth.uid(),
  status text not null default 'receiving' check (status in ('receiving', 'duplicate', 'ready', 'failed')),
  file_name text,
  -- What the client knows the file by, to tell whether another one was chosen.
  fingerprint text,
  size_bytes bigint not null check (size_bytes >= 0),
  fields jsonb not null,
  storage_provider text not null,
  storage_bucket text,
  storage_region text,
  storage_endpoint text,
  storage_path text not null,
  -- Bytes of the file whose rows are safe: the client goes on there.
  raw_offset bigint not null default 0,
  rows_read bigint not null default 0,
  -- False once it is known that the file has no place inside at which it could be taken up.
  resumable boolean not null default true,
  checkpoint text,
  put_handle jsonb,
  put_stored_bytes bigint not null default 0,
  put_tail bytea,
  -- Of a file that turned out to be there already, until its owner decides.
  result text,
  duplicate_of uuid,
  error jsonb,
  writer_id uuid,
  writer_process_id uuid,
  writer_seen_at timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists dataset_upload_sessions_user
  on public.dataset_upload_sessions (user_id, created_at desc);
create index if not exists dataset_upload_sessions_expiry on public.dataset_upload_sessions (expires_at);

alter table public.dataset_upload_sessions enable row level security;
revoke all on public.dataset_upload_sessions from anon, authenticated;
grant select, insert, update, delete on public.dataset_upload_sessions to service_role;
drop policy if exists server on public.dataset_upload_sessions;
create policy server on public.dataset_upload_sessions to service_role using (true) with check (true);
drop policy if exists owner_only on public.dataset_upload_sessions;
create policy owner_only on public.dataset_upload_sessions to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select (id, user_id, status, file_name, fingerprint, size_bytes, fields, storage_provider, storage_bucket,
    storage_region, storage_endpoint, storage_path, raw_offset, rows_read, resumable, duplicate_of, error,
    writer_seen_at, expires_at, created_at, updated_at)
  on public.dataset_upload_sessions to authenticated;
-- The same bytes in the same store are looked for at the end of each upload.
create index if not exists training_datasets_sha256 on public.training_datasets (user_id, sha256);
