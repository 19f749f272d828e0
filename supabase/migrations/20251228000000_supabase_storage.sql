-- The bucket for datasets in Supabase Storage and who may do what in it, for people who come with their own access token
-- (AUTH=supabase): each in the folder that bears their id, `<user id>/...`, and nowhere else. The service key passes.
-- Where this database is no Supabase project's there is nothing to do. Then, or where the role that migrates may not
-- make policies on storage.objects, run this file in the project's SQL editor: it can run any number of times.

do $$
begin
  if to_regclass('storage.buckets') is null or to_regclass('storage.objects') is null then
    return;
  end if;

  -- One that exists stays as it is; the connection test says so when it is public.
  insert into storage.buckets (id, name, public)
  values ('training-datasets', 'training-datasets', false)
  on conflict do nothing;

  drop policy if exists "FineTune Lab: own folder" on storage.objects;
  create policy "FineTune Lab: own folder" on storage.objects
    for all to authenticated
    using (
      bucket_id = 'training-datasets'
      and (storage.foldername(name))[1] = (select auth.jwt() ->> 'sub')
    )
    with check (
      bucket_id = 'training-datasets'
      and (storage.foldername(name))[1] = (select auth.jwt() ->> 'sub')
    );
exception
  when insufficient_privilege then
    raise warning 'The policies for the bucket training-datasets were not made: %. Run 20251228000000_supabase_storage.sql in the SQL editor of the project.', sqlerrm;
end
$$;
