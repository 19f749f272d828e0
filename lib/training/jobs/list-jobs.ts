import { sql } from 'kysely'
import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { decodeCursor, encodeCursor } from '#lib/db/cursor.ts'
import type { Services } from '#lib/services.ts'
import type { jobListQuerySchema, jobListSchema } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'

/** Kept while reports come, so that the list reads no histories: add_to_loss_preview in the migrations. */
interface LossPreview {
  values: number[]
}

const newestFirst = { sort: 'created_at', value: 'time' } as const

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
      .select([...jobColumns, 'loss_preview'])
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(query.limit + 1)
    if (query.cursor) {
      const [at, id] = decodeCursor(newestFirst, query.cursor)
      page = page.where(sql<boolean>`(created_at, id) < (${at}::timestamptz, ${id}::uuid)`)
    }
    const rows = await page.execute()
    const jobs = rows.slice(0, query.limit).map(({ loss_preview, ...row }) => ({
      ...jobOfRow(row),
      loss_preview: (loss_preview as LossPreview | null)?.values ?? [],
    }))
    const last = jobs.at(-1)
    return {
      jobs,
      count,
      next_cursor:
        last && rows.length > query.limit ? encodeCursor(newestFirst, [last.created_at, last.id]) : null,
    }
  })
}
