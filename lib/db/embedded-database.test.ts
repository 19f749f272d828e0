import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { openEmbeddedDatabase } from './embedded-database.ts'
import { migrate } from './migrate.ts'

let db: Database

beforeAll(async () => {
  db = await openEmbeddedDatabase(null)
  await migrate(db)
})
afterAll(() => db.close())

const whoAmI = sql<{ role: string; uid: string | null }>`select current_user as role, auth.uid() as uid`

test('queries of several users at once each run in their own transaction, as their own user', async () => {
  const users = Array.from({ length: 20 }, () => crypto.randomUUID())
  const seen = await Promise.all([
    ...users.map((user) => db.asUser(user, async (trx) => (await whoAmI.execute(trx)).rows[0]!)),
    whoAmI.execute(db.service).then(({ rows }) => rows[0]!),
  ])
  const service = seen.pop()!
  expect(seen).toEqual(users.map((uid) => ({ role: 'authenticated', uid })))
  expect(service).toEqual({ role: 'postgres', uid: null })
})

test('a transaction that fails is undone and leaves the session to the next', async () => {
  const user = crypto.randomUUID()
  const failed = db.asUser(user, async (trx) => {
    await sql`insert into training_configs (user_id, name, provider, base_model, method, trainer)
              values (${user}, 'x', 'local', 'm', 'sft', 'smoke')`.execute(trx)
    throw new Error('after the insert')
  })
  await expect(failed).rejects.toThrow('after the insert')
  const rows = await db.service
    .selectFrom('training_configs')
    .select('id')
    .where('user_id', '=', user)
    .execute()
  expect(rows).toEqual([])
})
