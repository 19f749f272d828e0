import { randomUUID } from 'node:crypto'
import { sql, type Transaction, type UpdateObject } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'

/** A process that dies is followed by another one after this long; one that lives renews in time. */
const holdSeconds = 8

/** The right to advance one job's launch, which one process has at a time. */
export interface LaunchHold {
  readonly jobId: string
  /** Which request to the provider this is: grows by one with each. */
  readonly attempt: number
  /** Since a request whose outcome nobody recorded was last known to be under way; null when none is open. */
  readonly askedSecondsAgo: number | null
  /** Requests that were given up because nothing was ever seen of them. */
  readonly unanswered: number
  readonly waitSeconds: number
  readonly waits: number
  /** Since the provider first had no room. */
  readonly waitingSeconds: number
  readonly environment: string | null
  /** Changes the launch's row, unless the hold was lost; answers whether it did. */
  write(change: LaunchChange, trx?: Transaction<DatabaseSchema>): Promise<boolean>
  /** Writes down that a request goes out now; from then on, the hold's signs of life are the request's as well. */
  ask(trx: Transaction<DatabaseSchema>): Promise<boolean>
  release(): Promise<void>
}

export type LaunchChange = UpdateObject<DatabaseSchema, 'training_job_launches'>

const secondsOf = (expression: string) =>
  sql<number | null>`extract(epoch from ${sql.raw(expression)})::float8`

/** Takes the hold of a job's launch, or answers null while another process has it. */
export async function holdLaunch(db: Database, jobId: string): Promise<LaunchHold | null> {
  const holder = randomUUID()
  const until = sql<Date>`now() + make_interval(secs => ${holdSeconds})`
  const row = await db.service
    .insertInto('training_job_launches')
    .values({ job_id: jobId, holder, held_until: until })
    .onConflict((on) =>
      on
        .column('job_id')
        .doUpdateSet({ holder, held_until: until })
        .where((eb) =>
          eb.or([
            eb('training_job_launches.held_until', 'is', null),
            eb('training_job_launches.held_until', '<', sql<Date>`now()`),
          ]),
        ),
    )
    .returning([
      'attempt',
      'unanswered',
      'waits',
      'environment',
      secondsOf(
        // A request from before there was `asked_until` has its beginning only.
        'case when training_job_launches.asked_at is not null then now() - coalesce(training_job_launches.asked_until, training_job_launches.asked_at) end',
      ).as('asked'),
      secondsOf('training_job_launches.not_before - now()').as('wait'),
      secondsOf('now() - training_job_launches.waiting_since').as('waiting'),
    ])
    .executeTakeFirst()
  if (!row) return null

  let isAsking = false
  const sign = () => (isAsking ? { asked_until: sql<Date>`now()` } : {})
  let isRenewing = false
  const renew = setInterval(async () => {
    // One that waits for a slow database is enough: more would take its connections away from those who work.
    if (isRenewing) return
    isRenewing = true
    await write({ held_until: until, ...sign() }).catch(() => {})
    isRenewing = false
  }, holdSeconds * 300)

  async function write(change: LaunchChange, trx?: Transaction<DatabaseSchema>): Promise<boolean> {
    const { numUpdatedRows } = await (trx ?? db.service)
      .updateTable('training_job_launches')
      .set({ ...change, updated_at: sql<Date>`now()` })
      .where('job_id', '=', jobId)
      .where('holder', '=', holder)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    jobId,
    attempt: row.attempt,
    askedSecondsAgo: row.asked,
    unanswered: row.unanswered,
    waitSeconds: Math.max(row.wait ?? 0, 0),
    waits: row.waits,
    waitingSeconds: row.waiting ?? 0,
    environment: row.environment,
    write,
    ask(trx) {
      isAsking = true
      return write({ asked_at: sql<Date>`now()`, attempt: row.attempt + 1, ...sign() }, trx)
    },
    async release() {
      clearInterval(renew)
      await write({ held_until: null, ...sign() })
    },
  }
}
