import { sql } from 'kysely'
import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { decodeCursor, encodeCursor } from '#lib/db/cursor.ts'
import type { Services } from '#lib/services.ts'
import type { jobListQuerySchema, jobListSchema } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

const previewPoints = 40

/** A page of the user's jobs, newest first, each with a thinned loss series. */
export async function listJobs(
  { db }: Pick<Services, 'db'>,
  user: User,
  query: z.infer<typeof jobListQuerySchema>,
): Promise<z.infer<typeof jobListSchema>> {
  return db.asUser(user.id, async (trx) => {
    let matching = trx.selectFrom('training_jobs')
    if (query.status) matching = matching.where('status', '=', query.status)
    if (query.provider) matching = matching.where('provider', '=', query.provider)
    const { count } = await matching.select(sql<number>`count(*)::int`.as('count')).executeTakeFirstOrThrow()

    let page = matching
      .select(jobColumns)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(query.limit + 1)
    if (query.cursor) {
      const [at, id] = decodeCursor(query.cursor)
      page = page.where(sql<boolean>`(created_at, id) < (${at}::timestamptz, ${id}::uuid)`)
    }
    const rows = await page.execute()
    const jobs = rows.slice(0, query.limit).map(jobOfRow)
    const previews = await lossPreviews(
      trx,
      jobs.map(({ id }) => id),
    )
    const last = jobs.at(-1)
    return {
      jobs: jobs.map((job) => ({ ...job, loss_preview: previews.get(job.id) ?? [] })),
      count,
      next_cursor: last && rows.length > query.limit ? encodeCursor([last.created_at, last.id]) : null,
    }
  })
}

async function lossPreviews(trx: Parameters<Parameters<Services['db']['asUser']>[1]>[0], ids: string[]) {
  const previews = new Map<string, number[]>()
  if (ids.length === 0) return previews
  const { rows } = await sql<{ job_id: string; losses: number[] }>`
    with points as (
      select e.job_id, (p.point ->> 'loss')::float8 as loss,
        row_number() over (partition by e.job_id order by e.id, p.nr) - 1 as nr,
        count(*) over (partition by e.job_id) as total
      from training_job_events e, jsonb_array_elements(e.data) with ordinality as p (point, nr)
      where e.type = 'metrics' and e.job_id in (${sql.join(ids.map((id) => sql`${id}::uuid`))}) and p.point ? 'loss'
    )
    select job_id, jsonb_agg(loss order by nr) as losses from points
    where total <= ${previewPoints} or nr % greatest(total / ${previewPoints}, 1) = 0
    group by job_id`.execute(trx)
  for (const { job_id, losses } of rows) previews.set(job_id, losses)
  return previews
}
