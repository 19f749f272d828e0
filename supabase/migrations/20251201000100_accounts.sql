-- Accounts of our own (AUTH=local), in the shape that Better Auth reads and writes, out of Supabase's `auth` schema.
-- Only the server touches them: no policy lets anon or authenticated in.

create schema if not exists accounts;
grant usage on schema accounts to service_role;

create table if not exists accounts."user" (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table if not exists accounts.session (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references accounts."user" (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists session_user_id on accounts.session (user_id);

create table if not exists accounts.account (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references accounts."user" (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists account_user_id on accounts.account (user_id);

create table if not exists accounts.verification (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists verification_identifier on accounts.verification (identifier);

do $$
declare
  name text;
begin
  foreach name in array array['user', 'session', 'account', 'verification'] loop
    execute format('alter table accounts.%I enable row level security', name);
    execute format('drop policy if exists server_only on accounts.%I', name);
    execute format('create policy server_only on accounts.%I to service_role using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on accounts.%I to service_role', name);
  end loop;
end
$$;
