-- Checkpoints and tails are up to some megabytes that no compressor makes smaller, written every few megabytes of an
-- upload: to try takes longer than to write them.
alter table public.dataset_upload_sessions
  alter column checkpoint set storage external,
  alter column put_tail set storage external;
alter table public.training_job_artifacts alter column put_tail set storage external;
