-- Keys to other services, one row a user and provider. What is secret is in `sealed` (lib/secrets/sealed-box.ts),
-- which nobody but the server may even read; the other columns are what the settings page shows.

create table if not exists public.secrets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid(),
  provider text not null check (provider in ('aws', 'runpod', 'lambda', 'huggingface')),
  sealed text not null,
  preview text not null,
  description text check (char_length(description) <= 500),
  metadata jsonb not null default '{}',
  last_test jsonb,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, provider)
);

alter table public.secrets enable row level security;
revoke all on public.secrets from anon, authenticated;
grant select, insert, update, delete on public.secrets to service_role;
drop policy if exists server on public.secrets;
create policy server on public.secrets to service_role using (true) with check (true);

grant select (id, user_id, provider, preview, description, metadata, last_test, last_used_at, created_at, updated_at),
  delete on public.secrets to authenticated;
drop policy if exists owner_only on public.secrets;
create policy owner_only on public.secrets to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
