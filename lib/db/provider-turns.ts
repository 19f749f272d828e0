import { setTimeout as wait } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import { AppError } from '#lib/errors/app-error.ts'
import type { DatabaseSchema } from './schema.ts'

export interface Pace {
  kind: string
  everySeconds: number
}

export interface Turn {
  /** Whose limit it is; never a key, only what is made of one. */
  account: string
  /** How often the account may ask at all. */
  pace: Pace
  /** How often it may ask for this, for what is allowed more rarely: such a turn counts as both. */
  rarer?: Pace
  /** Rather fail than wait longer. */
  waitSecondsMax: number
  signal?: AbortSignal
}

/**
 * Waits until it is the caller's turn. Turns of one account and pace are `everySeconds` apart, over all processes that
 * share the database. Throws `limit` (`rate_limited`) where the next free one is too far away; then none is taken.
 */
export type TakeTurn = (turn: Turn) => Promise<void>

export function createTurns(db: Kysely<DatabaseSchema>): TakeTurn {
  return async (turn) => {
    let patience = turn.waitSecondsMax * 1000
    for (;;) {
      const { isTaken, milliseconds } = await db
        .transaction()
        .execute((trx) => takeOrTell(trx, turn, patience))
      if (milliseconds > patience) throw tooFarAway(turn)
      if (milliseconds > 0) await wait(milliseconds, undefined, { signal: turn.signal })
      if (isTaken) return
      patience -= milliseconds
    }
  }
}

/**
 * A place in the queue of all requests is taken ahead of its time. A rarer turn is taken only once it is due: else the
 * wait in the queue would come on top, and two that were far enough apart when taken could be too close when used.
 */
async function takeOrTell(
  trx: Transaction<DatabaseSchema>,
  { account, pace, rarer }: Turn,
  patience: number,
): Promise<{ isTaken: boolean; milliseconds: number }> {
  const paces = rarer ? [pace, rarer] : [pace]
  await trx
    .insertInto('provider_turns')
    .values(paces.map(({ kind }) => ({ account, kind, next_at: sql<Date>`clock_timestamp()` })))
    .onConflict((on) => on.doNothing())
    .execute()
  const rows = await trx
    .selectFrom('provider_turns')
    .select(['kind', sql<number>`1000 * extract(epoch from next_at - clock_timestamp())::float8`.as('away')])
    .where('account', '=', account)
    .where(
      'kind',
      'in',
      paces.map(({ kind }) => kind),
    )
    .orderBy('kind')
    .forUpdate()
    .execute()
  const awayOf = ({ kind }: Pace) => Math.max(0, rows.find((row) => row.kind === kind)?.away ?? 0)
  const rarerAway = rarer ? awayOf(rarer) : 0
  if (rarerAway > 0) return { isTaken: false, milliseconds: rarerAway }
  const milliseconds = awayOf(pace)
  if (milliseconds > patience) return { isTaken: false, milliseconds }
  for (const { kind, everySeconds } of paces) {
    await trx
      .updateTable('provider_turns')
      .set({
        next_at: sql`clock_timestamp() + make_interval(secs => ${milliseconds / 1000 + everySeconds})`,
      })
      .where('account', '=', account)
      .where('kind', '=', kind)
      .execute()
  }
  return { isTaken: true, milliseconds }
}

function tooFarAway({ waitSecondsMax }: Turn): AppError {
  return new AppError('limit', {
    code: 'rate_limited',
    message: 'Too many requests wait for their turn at the provider',
    details: `The next one is more than ${waitSecondsMax} s away.`,
    retryAfterSeconds: waitSecondsMax,
  })
}
