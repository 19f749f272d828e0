import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { AppError } from '#lib/errors/app-error.ts'
import type { Queries } from './database.ts'

export interface Turn {
  /** Whose limit it is; never a key, only what is made of one. */
  account: string
  kind: string
  everySeconds: number
  /** Rather fail than wait longer. */
  waitSecondsMax: number
  signal?: AbortSignal
}

/**
 * Waits until it is the caller's turn. Turns of one account and kind are `everySeconds` apart and are given in the order
 * in which they are asked for, over all processes that share the database. Throws `limit` (`rate_limited`) where the next
 * free one is too far away; then none is taken.
 */
export type TakeTurn = (turn: Turn) => Promise<void>

export function createTurns(queries: Queries): TakeTurn {
  return async ({ account, kind, everySeconds, waitSecondsMax, signal }) => {
    const { rows } = await sql<{ milliseconds: number }>`
      insert into provider_turns as turns (account, kind, next_at)
      values (${account}, ${kind}, clock_timestamp() + make_interval(secs => ${everySeconds}))
      on conflict (account, kind) do update
        set next_at = greatest(turns.next_at, clock_timestamp()) + make_interval(secs => ${everySeconds})
        where turns.next_at < clock_timestamp() + make_interval(secs => ${waitSecondsMax})
      returning 1000 * (extract(epoch from next_at - clock_timestamp())::float8 - ${everySeconds}::float8) as milliseconds
    `.execute(queries)
    const turn = rows[0]
    if (!turn) {
      throw new AppError('limit', {
        code: 'rate_limited',
        message: 'Too many requests wait for their turn at the provider',
        details: `The next one is more than ${waitSecondsMax} s away.`,
        retryAfterSeconds: waitSecondsMax,
      })
    }
    if (turn.milliseconds > 0) await wait(turn.milliseconds, undefined, { signal })
  }
}
