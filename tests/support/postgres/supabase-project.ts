import pg from 'pg'

/**
 * Turns an empty database into what a Supabase project looks like to the role that migrates it: `postgres` there is no
 * superuser, the `auth` and `storage` schemas belong to others, and the API roles exist. Answers the address of
 * that role. (From Supabase's public init scripts: roles, owners, default privileges.)
 */
export async function asSupabaseProject(
  databaseUrl: string,
  { mayMakePolicies = true }: { mayMakePolicies?: boolean } = {},
): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const migrator = `project_${crypto.randomUUID().slice(0, 8)}`
  try {
    await client.query(`
      do $$ begin
        create role anon nologin noinherit;
      exception when duplicate_object then null; end $$;
      do $$ begin
        create role authenticated nologin noinherit;
      exception when duplicate_object then null; end $$;
      do $$ begin
        create role service_role nologin noinherit bypassrls;
      exception when duplicate_object then null; end $$;
      do $$ begin
        create role supabase_auth_admin nologin noinherit createrole;
      exception when duplicate_object then null; end $$;
      do $$ begin
        create role supabase_storage_admin nologin noinherit createrole;
      exception when duplicate_object then null; end $$;

      create role ${migrator} login createrole createdb bypassrls;
      grant anon, authenticated, service_role to ${migrator} with admin option;
      -- Stands for supautils, which lets postgres make policies on tables of the storage service.
      ${mayMakePolicies ? `grant supabase_storage_admin to ${migrator};` : ''}
      alter schema public owner to ${migrator};
      grant all on schema public to anon, authenticated, service_role;
      alter default privileges for role ${migrator} in schema public
        grant all on tables to anon, authenticated, service_role;

      create schema auth authorization supabase_auth_admin;
      grant usage on schema auth to anon, authenticated, service_role, ${migrator};
      set role supabase_auth_admin;
      create function auth.jwt() returns jsonb language sql stable as
        'select coalesce(nullif(current_setting(''request.jwt.claims'', true), ''''), ''{}'')::jsonb';
      create function auth.uid() returns uuid language sql stable as
        'select nullif(nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'', '''')::uuid';
      create function auth.role() returns text language sql stable as
        'select nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''role''';
      reset role;

      create schema storage authorization supabase_storage_admin;
      grant usage on schema storage to anon, authenticated, service_role, ${migrator};
      set role supabase_storage_admin;
      create table storage.buckets (id text primary key, name text not null unique, public boolean default false,
        file_size_limit bigint, allowed_mime_types text[]);
      create table storage.objects (id uuid primary key default gen_random_uuid(),
        bucket_id text references storage.buckets, name text, owner uuid, owner_id text, metadata jsonb);
      alter table storage.objects enable row level security;
      create function storage.foldername(name text) returns text[] language sql immutable as
        'select (string_to_array(name, ''/''))[1 : array_length(string_to_array(name, ''/''), 1) - 1]';
      grant all on storage.buckets, storage.objects to ${migrator}, service_role;
      grant all on storage.objects to authenticated, anon;
      reset role;
    `)
    const { rows } = await client.query('select current_database() as name')
    await client.query(`grant create on database "${rows[0].name}" to ${migrator}`)
  } finally {
    await client.end()
  }
  const url = new URL(databaseUrl)
  url.username = migrator
  url.password = ''
  return url.href
}
