import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from './schema.ts'

export type Queries = Kysely<DatabaseSchema> | Transaction<DatabaseSchema>

/**
 * One database, embedded or not.
 *
 * `service` acts as the application itself, past row-level security: for work that is nobody's request.
 * `asUser` runs what a user asked for in one transaction as role `authenticated` with that user's claims, so that
 * the policies decide. Do not touch `service` inside it: the embedded database has one connection, which is taken.
 */
export interface Database {
  readonly kind: 'embedded' | 'postgres'
  readonly service: Kysely<DatabaseSchema>
  asUser<T>(userId: string, work: (trx: Transaction<DatabaseSchema>) => Promise<T>): Promise<T>
  /** Calls back for each NOTIFY on the channel, from any process; `onGap` after a reconnect, when some may be missed. */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>>
  /** Plain SQL for the queue, which brings its own schema; without parameters it may hold several statements. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  close(): Promise<void>
}

/** Steps down to a user for the rest of the transaction. */
export async function actAs(trx: Transaction<DatabaseSchema>, userId: string): Promise<void> {
  const claims = JSON.stringify({ sub: userId, role: 'authenticated' })
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`.execute(
    trx,
  )
}

/** Runs `work` in a transaction of the application itself. */
export function inTransaction<T>(
  db: Database,
  work: (trx: Transaction<DatabaseSchema>) => Promise<T>,
): Promise<T> {
  return db.service.transaction().execute(work)
}

export async function notify(queries: Queries, channel: string, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(queries)
}
