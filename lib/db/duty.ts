import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Database } from './database.ts'

const dutySeconds = 15

/**
 * Does `work` if no other process does it now; answers whether it did. The duty is held in the database for as long as
 * the work goes on, and falls to somebody else a few seconds after its holder died. `signal` aborts when it was lost.
 */
export async function onDuty(
  db: Database,
  name: string,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const holder = randomUUID()
  const until = sql<Date>`now() + make_interval(secs => ${dutySeconds})`
  const taken = await db.service
    .insertInto('app_duties')
    .values({ name, holder, held_until: until })
    .onConflict((on) =>
      on
        .column('name')
        .doUpdateSet({ holder, held_until: until })
        .where('app_duties.held_until', '<', sql<Date>`now()`),
    )
    .returning('name')
    .executeTakeFirst()
  if (!taken) return false

  const lost = new AbortController()
  const held = () =>
    db.service.updateTable('app_duties').where('name', '=', name).where('holder', '=', holder)
  const renew = setInterval(() => {
    held()
      .set({ held_until: until })
      .executeTakeFirst()
      .then(({ numUpdatedRows }) => {
        if (numUpdatedRows === 0n) lost.abort()
      })
      .catch(() => lost.abort())
  }, dutySeconds * 300)
  try {
    await work(lost.signal)
  } finally {
    clearInterval(renew)
    await held().set({ held_until: sql<Date>`now() - interval '1 second'` }).execute()
  }
  return true
}
