-- The large parts of an upload's checkpoint, which stay the same for many checkpoints and are not written again with each.
alter table public.dataset_upload_sessions add column if not exists checkpoint_tables text;
alter table public.dataset_upload_sessions alter column checkpoint_tables set storage external;
