import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { migrate } from '#lib/db/migrate.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { freshDatabaseUrl } from '../support/postgres/database-kinds.ts'
import { asSupabaseProject } from '../support/postgres/supabase-project.ts'

const { missing } = inject('postgres')

describe.skipIf(missing)(`the migrations on a Supabase project${missing ? ` (${missing})` : ''}`, () => {
  let db: Database

  beforeAll(async () => {
    db = openPostgresDatabase(await asSupabaseProject(await freshDatabaseUrl()), (error) => {
      throw error
    })
  })
  afterAll(() => db.close())

  test('apply without a superuser, and leave what Supabase brought alone', async () => {
    const before = await sql<{ source: string }>`select prosrc as source from pg_proc
      where oid = 'auth.jwt()'::regprocedure`.execute(db.service)
    const applied = await migrate(db)
    expect(applied.length).toBeGreaterThan(3)
    const after = await sql<{ source: string }>`select prosrc as source from pg_proc
      where oid = 'auth.jwt()'::regprocedure`.execute(db.service)
    expect(after.rows).toEqual(before.rows)
    expect(await migrate(db)).toEqual([])
  })

  test('take back what its default privileges gave to everybody', async () => {
    const open = await sql<{ table: string; privilege: string }>`
      select table_name as "table", privilege_type as privilege from information_schema.role_table_grants
      where table_schema = 'public' and grantee = 'anon'`.execute(db.service)
    expect(open.rows).toEqual([])
  })

  test('let a user see their own rows and nobody else any', async () => {
    const [owner, stranger] = [crypto.randomUUID(), crypto.randomUUID()]
    await db.asUser(owner, (trx) =>
      sql`insert into training_configs (name, provider, base_model, method, trainer)
          values ('mine', 'local', 'm', 'sft', 'smoke')`.execute(trx),
    )
    const seen = (user: string) =>
      db.asUser(user, (trx) => trx.selectFrom('training_configs').select('name').execute())
    expect(await seen(owner)).toEqual([{ name: 'mine' }])
    expect(await seen(stranger)).toEqual([])
  })
})
