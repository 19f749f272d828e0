import { sql } from 'kysely'
import { AppError } from '#lib/errors/app-error.ts'
import type { Database } from './database.ts'

export interface RateLimit {
  /** What is limited, such as `sign-in`. */
  name: string
  /** Whose turns are counted: an account, an address. */
  of: string
  max: number
  windowSeconds: number
}

/**
 * Counts one turn, over all processes, and rejects with `rate_limited` and the seconds to wait when there were too
 * many within the window. One statement, so that turns taken at once are all counted.
 */
export async function takeTurn(db: Database, { name, of, max, windowSeconds }: RateLimit): Promise<void> {
  const ends = sql<Date>`now() + make_interval(secs => ${windowSeconds})`
  const isOver = sql<boolean>`rate_limits.window_ends_at <= now()`
  const { count, seconds_left } = await db.service
    .insertInto('rate_limits')
    .values({ key: `${name} ${of}`, count: 1, window_ends_at: ends })
    .onConflict((on) =>
      on.column('key').doUpdateSet({
        count: sql`case when ${isOver} then 1 else rate_limits.count + 1 end`,
        window_ends_at: sql`case when ${isOver} then ${ends} else rate_limits.window_ends_at end`,
      }),
    )
    .returning([
      'count',
      sql<number>`ceil(extract(epoch from window_ends_at - now()))::int`.as('seconds_left'),
    ])
    .executeTakeFirstOrThrow()
  if (count <= max) return
  throw new AppError('limit', {
    code: 'rate_limited',
    message: 'Too many attempts',
    details: `Try again in ${seconds_left} s.`,
    retryAfterSeconds: seconds_left,
  })
}

/** Forgets windows that are over. */
export async function sweepRateLimits({ service }: Database): Promise<void> {
  await service.deleteFrom('rate_limits').where('window_ends_at', '<', sql<Date>`now()`).execute()
}
