import { sql } from 'kysely'
import type { Database } from '#lib/db/database.ts'

const linesInABatch = 50

/** One job's course, as reports bring it: a point a report, and fifty lines. */
export async function seedCourse(
  db: Database,
  job: { id: string; owner: string },
  { points, lines }: { points: number; lines: number },
): Promise<void> {
  const batchOf = sql.raw(`(n - 1) / ${linesInABatch}`)
  await sql`
    insert into training_job_events (job_id, user_id, type, data)
    select ${job.id}::uuid, ${job.owner}::uuid, 'metrics', jsonb_build_array(jsonb_build_object('step', n,
      'total_steps', ${points}::int, 'at', to_char(now() + n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'loss', 2.0 / sqrt(n) + random() / 10, 'learning_rate', 0.0002, 'tokens_per_second', 4100.5))
    from generate_series(1, ${points}) as n`.execute(db.service)
  await sql`
    insert into training_job_events (job_id, user_id, type, data)
    select ${job.id}::uuid, ${job.owner}::uuid, 'logs', jsonb_agg(jsonb_build_object(
      'at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'stream', 'stdout', 'level', 'info',
      'line', 'line ' || n || ' of a long training: forward, backward, step, and the loss is what it is'))
    from generate_series(1, ${lines}) as n group by ${batchOf} order by ${batchOf}`.execute(db.service)
  await sql`analyze training_job_events`.execute(db.service)
}
