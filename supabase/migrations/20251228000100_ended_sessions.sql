-- Sessions of Supabase Auth that ended here before their access tokens did: whoever kept such a token has nothing more
-- from it. A row is needed no longer than the token lives. Only the server touches it.

create table if not exists public.ended_sessions (
  session_id uuid primary key,
  needed_until timestamptz not null
);

alter table public.ended_sessions enable row level security;
revoke all on public.ended_sessions from anon, authenticated;
grant select, insert, update, delete on public.ended_sessions to service_role;
drop policy if exists server on public.ended_sessions;
create policy server on public.ended_sessions to service_role using (true) with check (true);
