import { sql } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { JobEvent } from '#lib/training/job.types.ts'
import { getJob } from './get-job.ts'

/** Of a page, as the database holds it, which is compressed: a report may carry 5,000 lines, and a page 5,000 reports. */
const storedBytesMax = 1024 ** 2

export interface HistoryQuery {
  types?: JobEvent['type'][]
  after?: number | undefined
  before?: number | undefined
  /** From the end, where neither `after` nor `before` says where. */
  newest?: boolean
  limit: number
}

export interface HistoryPage {
  /** Oldest first; none only where there are none. */
  events: JobEvent[]
  /** There are others further on, in the direction of the reading. */
  more: boolean
}

/**
 * Events of one of the user's jobs; with `before`, the last ones before it. A page ends at `limit` events, or where it
 * becomes too large to be sent in one piece.
 */
export async function readJobHistory(
  { db }: Pick<Services, 'db'>,
  user: User,
  jobId: string,
  { types, after, before, newest, limit }: HistoryQuery,
): Promise<HistoryPage> {
  await getJob({ db }, user, jobId)
  const backwards = before !== undefined || (newest === true && after === undefined)
  const order = backwards ? 'desc' : 'asc'
  const rows = await db.asUser(user.id, (trx) => {
    let page = trx
      .selectFrom('training_job_events')
      .select(['id', 'type', 'data'])
      .select(
        sql<number>`sum(pg_column_size(data)) over (order by id ${sql.raw(order)}) - pg_column_size(data)`.as(
          'bytes_before',
        ),
      )
      .where('job_id', '=', jobId)
      .orderBy('id', order)
      .limit(limit + 1)
    if (types) page = page.where('type', 'in', types)
    if (after !== undefined) page = page.where('id', '>', after)
    if (before !== undefined) page = page.where('id', '<', before)
    return trx
      .with('page', () => page)
      .selectFrom('page')
      .select(['id', 'type', 'data'])
      .select((eb) => eb.selectFrom('page').select(eb.fn.countAll<string>().as('n')).as('found'))
      .where('bytes_before', '<', storedBytesMax)
      .orderBy('id', order)
      .limit(limit)
      .execute()
  })
  const events = rows.map(({ id, type, data }) => ({ id, type, data })) as JobEvent[]
  const more = Number(rows[0]?.found ?? 0) > events.length
  return { events: backwards ? events.reverse() : events, more }
}
