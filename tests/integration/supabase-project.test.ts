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

  test('make the private bucket, in which everybody has their own folder and nobody anything else', async () => {
    const buckets = await sql`select id, public from storage.buckets`.execute(db.service)
    expect(buckets.rows).toEqual([{ id: 'training-datasets', public: false }])

    const [owner, stranger] = [crypto.randomUUID(), crypto.randomUUID()]
    const put = (user: string, name: string, bucket = 'training-datasets') =>
      db.asUser(user, (trx) =>
        sql`insert into storage.objects (bucket_id, name) values (${bucket}, ${name})`.execute(trx),
      )
    const key = `${owner}/private/a.jsonl.gz`
    await put(owner, key)
    const refused = /row-level security/
    await expect(put(stranger, `${owner}/private/b.jsonl.gz`)).rejects.toThrow(refused)
    await expect(put(owner, `${stranger}/private/b.jsonl.gz`)).rejects.toThrow(refused)
    await expect(put(owner, owner)).rejects.toThrow(refused)
    await sql`insert into storage.buckets (id, name) values ('other', 'other')`.execute(db.service)
    await expect(put(owner, key, 'other')).rejects.toThrow(refused)

    const names = (user: string) =>
      db.asUser(user, async (trx) => {
        const seen = await sql<{ name: string }>`select name from storage.objects`.execute(trx)
        return seen.rows.map(({ name }) => name)
      })
    expect(await names(owner)).toEqual([key])
    expect(await names(stranger)).toEqual([])
    const change = (user: string) =>
      db.asUser(user, async (trx) => {
        const moved = await sql`update storage.objects set name = ${`${user}/x`}`.execute(trx)
        const removed = await sql`delete from storage.objects`.execute(trx)
        return [Number(moved.numAffectedRows), Number(removed.numAffectedRows)]
      })
    expect(await change(stranger)).toEqual([0, 0])
    const anon = db.service.transaction().execute(async (trx) => {
      await sql`set local role anon`.execute(trx)
      return sql`select name from storage.objects`.execute(trx)
    })
    expect((await anon).rows).toEqual([])
    expect(await change(owner)).toEqual([1, 1])
  })

  test('go on without the policies where the role may not make them', async () => {
    const url = await asSupabaseProject(await freshDatabaseUrl(), { mayMakePolicies: false })
    const poor = openPostgresDatabase(url, (error) => {
      throw error
    })
    try {
      expect((await migrate(poor)).length).toBeGreaterThan(3)
      const policies = await sql`select 1 from pg_policies where schemaname = 'storage'`.execute(poor.service)
      expect(policies.rows).toEqual([])
    } finally {
      await poor.close()
    }
  })
})
