import { sql } from 'kysely'
import type { Database } from '#lib/db/database.ts'

/** No access token lives longer: https://supabase.com/docs/guides/auth/sessions */
const tokenMillisecondsMax = 7 * 86_400_000

/** From now on the tokens of a session open nothing here, in any process, however long they would still be good. */
export async function endSession({ service }: Database, sessionId: string): Promise<void> {
  const needed_until = new Date(Date.now() + tokenMillisecondsMax)
  await service.deleteFrom('ended_sessions').where('needed_until', '<', sql<Date>`now()`).execute()
  await service
    .insertInto('ended_sessions')
    .values({ session_id: sessionId, needed_until })
    .onConflict((on) => on.column('session_id').doUpdateSet({ needed_until }))
    .execute()
}

export async function hasEnded({ service }: Database, sessionId: string): Promise<boolean> {
  const found = await service
    .selectFrom('ended_sessions')
    .select('session_id')
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
  return found !== undefined
}
