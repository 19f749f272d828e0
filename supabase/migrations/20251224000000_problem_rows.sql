-- Rows of uploads that had problems, for their owner to take away and mend; kept for days, beside no dataset's bytes.
-- An upload is named by the id of its dataset, which a refused one never became. lib/training/problems/ owns the parts.

create table if not exists public.dataset_problem_rows (
  upload_id uuid not null,
  user_id uuid not null default auth.uid(),
  -- In the order of the file; a part that is written again after an interruption takes its own place.
  part integer not null,
  -- A gzip member of JSON Lines.
  lines bytea not null,
  -- Of the file up to the end of this part.
  rows_kept bigint not null,
  rows_left_out bigint not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (upload_id, part)
);
create index if not exists dataset_problem_rows_user on public.dataset_problem_rows (user_id, created_at desc);
create index if not exists dataset_problem_rows_expiry on public.dataset_problem_rows (expires_at);

alter table public.dataset_problem_rows enable row level security;
revoke all on public.dataset_problem_rows from anon, authenticated;
grant select, insert, update, delete on public.dataset_problem_rows to service_role;
drop policy if exists server on public.dataset_problem_rows;
create policy server on public.dataset_problem_rows to service_role using (true) with check (true);
drop policy if exists owner_only on public.dataset_problem_rows;
create policy owner_only on public.dataset_problem_rows to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
grant select, delete on public.dataset_problem_rows to authenticated;
