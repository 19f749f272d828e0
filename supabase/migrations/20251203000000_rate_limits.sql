-- How often somebody did something within the running window: shared by all processes, because a limit that each
-- keeps for itself is no limit. Only the server touches it.

create table if not exists public.rate_limits (
  key text primary key,
  count integer not null,
  window_ends_at timestamptz not null
);

alter table public.rate_limits enable row level security;
revoke all on public.rate_limits from anon, authenticated;
grant select, insert, update, delete on public.rate_limits to service_role;
drop policy if exists server on public.rate_limits;
create policy server on public.rate_limits to service_role using (true) with check (true);
