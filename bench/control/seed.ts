import { sql } from 'kysely'
import { hashToken, makeToken } from '#lib/auth/tokens/token-secret.ts'
import type { Database } from '#lib/db/database.ts'
import { addRunningJob, type RunningJob } from '#tests/support/app/running-job.ts'

/** Jobs that run, each a copy of the first one, with tokens of their own. */
export async function seedJobs(db: Database, owner: string, count: number): Promise<RunningJob[]> {
  const first = await addRunningJob(db, { owner })
  const jobs = Array.from({ length: count }, () => ({ id: crypto.randomUUID(), token: makeToken('job') }))
  const ids = jobs.map(({ id }) => id)
  const hashes = jobs.map(({ token }) => hashToken(token))
  await sql`
    insert into training_jobs (id, user_id, name, provider, provider_ref, status, started_at, config, datasets, token_hash)
    select given.id, j.user_id, j.name, j.provider, 'notebook:' || given.id, j.status, now(), j.config, j.datasets, given.hash
    from training_jobs j, unnest(${ids}::uuid[], ${hashes}::text[]) as given (id, hash) where j.id = ${first.id}`.execute(
    db.service,
  )
  await db.service.deleteFrom('training_jobs').where('id', '=', first.id).execute()
  return jobs
}

/** Datasets of many users, mixed as time mixes them: rows of one user lie far apart. Answers some of the users. */
export async function seedDatasets(db: Database, users: number, datasets: number): Promise<string[]> {
  const idOf = sql.raw(`md5('user ' || (n % ${users}))::uuid`)
  await sql`
    insert into training_datasets (user_id, name, description, format, status, storage_provider, storage_path,
      file_size_bytes, raw_size_bytes, sha256, total_examples, metadata, created_at)
    select ${idOf}, 'Dataset ' || n, 'What was collected in round ' || n, 'chatml', 'ready',
      (array['supabase', 's3', 'local'])[1 + n % 3], n || '/datasets/x.jsonl.gz', n, n * 4,
      md5(n::text) || md5(n::text), n % 5000, jsonb_build_object('rows_read', n % 5000, 'problems', '{}'::jsonb),
      now() - n * interval '1 second'
    from generate_series(1, ${datasets}) as n`.execute(db.service)
  await sql`vacuum analyze training_datasets`.execute(db.service)
  const { rows } = await sql<{ id: string }>`
    select md5('user ' || n)::uuid as id from generate_series(0, ${users - 1}) as n`.execute(db.service)
  return rows.map(({ id }) => id)
}
