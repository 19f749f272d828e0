-- Each dataset says which store holds it. Rows from before were all in Supabase Storage, and rows of a table that
-- somebody brings along may have the column already, with or without values: run once or twice, nothing is lost.

alter table public.training_datasets add column if not exists storage_provider text;

alter table public.training_datasets add column if not exists storage_bucket text;
alter table public.training_datasets add column if not exists storage_region text;
alter table public.training_datasets add column if not exists storage_endpoint text;

-- An earlier check may know other values than these, or fewer; ours is made below.
do $$
declare
  earlier record;
begin
  for earlier in
    select c.conname from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
    where c.conrelid = 'public.training_datasets'::regclass and c.contype = 'c' and a.attname = 'storage_provider'
  loop
    execute format('alter table public.training_datasets drop constraint %I', earlier.conname);
  end loop;
end
$$;

-- A value that nobody knows is kept beside: `npm run doctor` looks for the object in every store there is.
update public.training_datasets
set metadata = coalesce(metadata, '{}') || jsonb_build_object('earlier_storage_provider', storage_provider)
where btrim(storage_provider) <> ''
  and lower(btrim(storage_provider)) not in ('supabase', 's3', 'aws', 'aws_s3', 'amazon', 'local', 'disk');

update public.training_datasets
set storage_provider = case
  when lower(btrim(storage_provider)) in ('s3', 'aws', 'aws_s3', 'amazon') then 's3'
  when lower(btrim(storage_provider)) in ('local', 'disk') then 'local'
  else 'supabase'
end
where storage_provider is null or storage_provider not in ('supabase', 's3', 'local');

alter table public.training_datasets
  alter column storage_provider set default 'supabase',
  alter column storage_provider set not null;

alter table public.training_datasets add constraint training_datasets_storage_provider_check
  check (storage_provider in ('supabase', 's3', 'local'));

create index if not exists training_datasets_user_storage_provider
  on public.training_datasets (user_id, storage_provider);

grant insert (storage_provider) on public.training_datasets to authenticated;
