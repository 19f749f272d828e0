-- A table that was there before may bring policies and checks of its own. Policies add up: one that lets everybody read
-- would stand beside ours. And a check by the name of ours may know fewer stores than there are.

do $$
declare
  stranger record;
begin
  for stranger in
    select tablename, policyname from pg_policies
    where schemaname = 'public' and policyname not in ('owner_only', 'server') and tablename in (
      'training_configs', 'training_datasets', 'dataset_member_indexes', 'dataset_uploads', 'dataset_upload_sessions',
      'dataset_problem_rows', 'dataset_links', 'training_jobs', 'training_job_events', 'training_job_launches',
      'training_job_leases', 'training_job_artifacts', 'training_orphans', 'job_codes', 'api_tokens', 'secrets')
  loop
    execute format('drop policy %I on public.%I', stranger.policyname, stranger.tablename);
  end loop;

  for stranger in
    select c.conname from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
    where c.conrelid = 'public.training_datasets'::regclass and c.contype = 'c' and a.attname = 'storage_provider'
  loop
    execute format('alter table public.training_datasets drop constraint %I', stranger.conname);
  end loop;
end
$$;

-- What everybody was granted, nobody was refused by name.
revoke all on public.training_configs, public.training_datasets from public;

alter table public.training_datasets add constraint training_datasets_storage_provider_check
  check (storage_provider in ('supabase', 's3', 'local'));

update public.training_datasets set metadata = '{}' where metadata is null;
alter table public.training_datasets
  alter column metadata set default '{}',
  alter column metadata set not null;
