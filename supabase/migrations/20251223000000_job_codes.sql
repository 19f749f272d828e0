-- One-time codes by which a person hands a job's token to a notebook that they opened themselves. One a job: a new code
-- replaces the one before. Only the server reads or writes what a code is checked against.

create table if not exists public.job_codes (
  job_id uuid primary key references public.training_jobs (id) on delete cascade,
  user_id uuid not null,
  code_hash text not null unique,
  expires_at timestamptz not null,
  redeemed_at timestamptz,
  created_at timestamptz not null default now()
);

alter table public.job_codes enable row level security;
revoke all on public.job_codes from anon, authenticated;
grant select, insert, update, delete on public.job_codes to service_role;
grant select (job_id, user_id, expires_at, redeemed_at, created_at) on public.job_codes to authenticated;
drop policy if exists server on public.job_codes;
create policy server on public.job_codes to service_role using (true) with check (true);
drop policy if exists owner_only on public.job_codes;
create policy owner_only on public.job_codes to authenticated using (user_id = (select auth.uid()));
