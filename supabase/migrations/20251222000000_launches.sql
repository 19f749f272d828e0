-- What a launch needs beside the job, what it costs, who leased what, and what was ended because nobody knew it.

alter table public.training_jobs
  -- The provider's own fields of the deploy call.
  add column if not exists options jsonb not null default '{}',
  add column if not exists detached boolean not null default false,
  -- What was had: {"id", "usd_per_hour", "region"}.
  add column if not exists machine jsonb,
  -- From the request that got the machine until it was verified gone.
  add column if not exists billed_from timestamptz,
  add column if not exists billed_until timestamptz,
  -- What earlier machines of this job cost, which were replaced.
  add column if not exists spent_before_usd double precision not null default 0,
  -- A thinned series of losses, kept while reports come: {"stride", "seen", "values"}.
  add column if not exists loss_preview jsonb;

grant select (options, detached, machine, billed_from, billed_until, spent_before_usd, loss_preview)
  on public.training_jobs to authenticated;
create index if not exists training_jobs_billed on public.training_jobs (provider)
  where billed_from is not null and billed_until is null;

alter table public.training_job_events drop constraint if exists training_job_events_type_check;
alter table public.training_job_events add constraint training_job_events_type_check
  check (type in ('status', 'metrics', 'logs', 'notice', 'cost'));

-- The server's side of a launch: lib/training/jobs/launch-job.ts explains it.
create table if not exists public.training_job_launches (
  job_id uuid primary key references public.training_jobs (id) on delete cascade,
  environment text,
  holder uuid,
  held_until timestamptz,
  attempt integer not null default 0,
  asked_at timestamptz,
  unanswered integer not null default 0,
  waiting_since timestamptz,
  waits integer not null default 0,
  not_before timestamptz,
  replacements integer not null default 0,
  machine_fault jsonb,
  budget_warned_at timestamptz,
  log_cursor text,
  runner_start text,
  runner_starts timestamptz[] not null default '{}',
  updated_at timestamptz not null default now()
);

-- Every token and every link that a job was given, renewed, refused, and when they were taken back.
create table if not exists public.training_job_leases (
  id bigint generated always as identity primary key,
  job_id uuid not null references public.training_jobs (id) on delete cascade,
  user_id uuid not null,
  action text not null check (action in ('token_issued', 'issued', 'renewed', 'refused', 'revoked')),
  datasets jsonb not null default '[]',
  expires_at timestamptz,
  reason text,
  at timestamptz not null default now()
);
create index if not exists training_job_leases_job on public.training_job_leases (job_id, id);

-- Machines with our stamp that had no business to run, and were ended.
create table if not exists public.training_orphans (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  job_id uuid not null,
  provider text not null,
  provider_ref text not null,
  name text not null,
  reason text not null check (reason in ('unknown_job', 'job_ended', 'second_machine', 'past_deadline')),
  usd_per_hour double precision,
  machine_created_at timestamptz,
  found_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (provider, provider_ref)
);
create index if not exists training_orphans_user on public.training_orphans (user_id, id desc);
create index if not exists training_orphans_job on public.training_orphans (job_id);

-- What a training left with us: adapters, checkpoints.
create table if not exists public.training_job_artifacts (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references public.training_jobs (id) on delete cascade,
  user_id uuid not null,
  name text not null check (char_length(name) between 1 and 255),
  size_bytes bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_path text not null,
  created_at timestamptz not null default now(),
  unique (job_id, name)
);
create index if not exists training_job_artifacts_user on public.training_job_artifacts (user_id);

-- Work that one process at a time does, for as long as it says that it lives.
create table if not exists public.app_duties (
  name text primary key,
  holder uuid not null,
  held_until timestamptz not null
);

do $$
declare
  name text;
begin
  foreach name in array array[
    'training_job_launches', 'training_job_leases', 'training_orphans', 'training_job_artifacts', 'app_duties'
  ] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('revoke all on public.%I from anon, authenticated', name);
    execute format('grant select, insert, update, delete on public.%I to service_role', name);
    execute format('drop policy if exists server on public.%I', name);
    execute format('create policy server on public.%I to service_role using (true) with check (true)', name);
  end loop;

  foreach name in array array['training_job_leases', 'training_orphans', 'training_job_artifacts'] loop
    execute format('grant select on public.%I to authenticated', name);
    execute format('drop policy if exists owner_only on public.%I', name);
    execute format(
      'create policy owner_only on public.%I to authenticated '
      'using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()))', name);
  end loop;
end
$$;

-- Adds one loss to a series that never holds more than 80: when it is full, every second value goes and from then on
-- only every second one comes.
create or replace function public.add_to_loss_preview(preview jsonb, loss double precision) returns jsonb
language sql immutable set search_path = '' as $$
  with kept as (
    select coalesce((preview ->> 'stride')::int, 1) as stride,
      coalesce((preview ->> 'seen')::bigint, 0) as seen,
      coalesce(preview -> 'values', '[]'::jsonb) as vals
  ), added as (
    select stride, seen + 1 as seen,
      case when seen % stride = 0 then vals || to_jsonb(loss) else vals end as vals
    from kept
  )
  select case when jsonb_array_length(vals) <= 80
    then jsonb_build_object('stride', stride, 'seen', seen, 'values', vals)
    else jsonb_build_object('stride', stride * 2, 'seen', seen, 'values',
      (select jsonb_agg(v order by nr) from jsonb_array_elements(vals) with ordinality as e (v, nr) where nr % 2 = 1))
  end from added
$$;
revoke all on function public.add_to_loss_preview(jsonb, double precision) from public;
