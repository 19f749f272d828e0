-- When an account at a provider may be asked again, for providers that allow one request a second or one launch in
-- twelve: whoever asks takes the next free moment, and all processes take theirs from here. Only the server touches it.

create table if not exists public.provider_turns (
  account text not null,
  kind text not null,
  next_at timestamptz not null,
  primary key (account, kind)
);

alter table public.provider_turns enable row level security;
revoke all on public.provider_turns from anon, authenticated;
grant select, insert, update, delete on public.provider_turns to service_role;
drop policy if exists server on public.provider_turns;
create policy server on public.provider_turns to service_role using (true) with check (true);
