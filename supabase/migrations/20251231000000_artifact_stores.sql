-- Where one job's checkpoints and results go; null is what the deployment says (ARTIFACT_STORAGE_PROVIDER).
alter table public.training_jobs add column if not exists artifact_storage_provider text
  check (artifact_storage_provider in ('supabase', 's3', 'local'));
grant select (artifact_storage_provider) on public.training_jobs to authenticated;
