-- Reports of many runners in one statement: lib/training/jobs/take-reports.ts gathers them.

-- Every report rewrites its job's row; with room on the page no index has to be touched for that.
alter table public.training_jobs set (fillfactor = 50);

-- The losses of a report's points, in front of which stand those that are in the preview already.
create or replace function public.add_points_to_loss_preview(preview jsonb, points jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
declare
  loss double precision;
begin
  if jsonb_typeof(points) is distinct from 'array' then
    return preview;
  end if;
  for loss in
    select (p.point ->> 'loss')::double precision
    from jsonb_array_elements(points) with ordinality as p (point, nr)
    where jsonb_typeof(p.point -> 'loss') = 'number'
    order by p.nr
  loop
    preview := public.add_to_loss_preview(preview, loss);
  end loop;
  return preview;
end
$$;

-- `reports`: [{"job_id", "status"?, "seq"?, "logs"?, "points"?, "metrics"?, "step"?, "total_steps"?, "epoch"?}], one a job.
--
-- The jobs' rows are locked first, in the order of their ids, so that two of these never wait for each other in a circle,
-- and that the events of a job have ids in the order in which they become visible. What was seen already (by `seq`) is
-- not taken again, and neither is a report whose `status` is not the job's: that one changes the job, and goes another way.
create or replace function public.take_training_reports(reports jsonb)
returns table (job_id uuid, status text, cancel boolean, is_fresh boolean, is_taken boolean)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
begin
  -- In this language it is planned once a connection, and not for each call.
  return query
  with given as materialized (
    select * from jsonb_to_recordset(reports) as r (
      job_id uuid, status text, seq bigint, logs jsonb, points jsonb, metrics jsonb,
      step integer, total_steps integer, epoch double precision)
  ), locked as materialized (
    select j.id, j.user_id, j.status, j.last_report_seq, j.cancel_requested_at is not null as cancel
    from public.training_jobs j
    where j.id in (select g.job_id from given g)
    order by j.id
    for no key update
  ), judged as materialized (
    select g.*, l.user_id, l.status as job_status, l.cancel,
      g.seq is null or g.seq > l.last_report_seq as is_fresh,
      g.status is null or g.status = l.status as is_same
    from given g join locked l on l.id = g.job_id
  ), noted as (
    insert into public.training_job_events (job_id, user_id, type, data)
    select f.job_id, f.user_id, e.type, e.data
    from judged f cross join lateral (values (1, 'logs', f.logs), (2, 'metrics', f.points)) as e (nr, type, data)
    where f.is_fresh and f.is_same and e.data is not null
    order by f.job_id, e.nr
    returning training_job_events.job_id
  ), changed as (
    update public.training_jobs j
    set last_heartbeat_at = now(),
      updated_at = now(),
      last_report_seq = coalesce(f.seq, j.last_report_seq),
      metrics = case when f.metrics is null then j.metrics else coalesce(j.metrics, '{}') || f.metrics end,
      loss_preview = public.add_points_to_loss_preview(j.loss_preview, f.points),
      progress = case when f.step is null then j.progress else jsonb_build_object(
        'step', greatest(coalesce((j.progress ->> 'step')::integer, 0), f.step),
        'total_steps', coalesce(f.total_steps, (j.progress ->> 'total_steps')::integer),
        'epoch', coalesce(f.epoch, (j.progress ->> 'epoch')::double precision)) end
    from judged f
    where j.id = f.job_id and f.is_fresh and f.is_same
    returning j.id
  ), told as (
    select pg_notify('finetunelab_job_events', n.job_id::text) from (select distinct noted.job_id from noted) n
  )
  select f.job_id, f.job_status, f.cancel, f.is_fresh, f.is_fresh and f.is_same
  from judged f, (select count(*) from told) as all_told, (select count(*) from changed) as all_changed;
end
$$;
revoke all on function public.add_points_to_loss_preview(jsonb, jsonb), public.take_training_reports(jsonb) from public;

-- How many datasets somebody has in each store, for the list, from the index alone.
create index if not exists training_datasets_counts
  on public.training_datasets (user_id, storage_provider) include (status);

-- The states and notices of a job, which are few among its points and lines.
create index if not exists training_job_events_course
  on public.training_job_events (job_id, id) where type in ('status', 'notice');
