import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { migrate, migrationsFolder } from '#lib/db/migrate.ts'
import { describeOnDatabases, emptyDatabase } from '../support/postgres/database-kinds.ts'

const file = '20251218000000_add_storage_provider.sql'
const before = '20251203000000'

interface Row {
  name: string
  storage_provider: string
  storage_path: string | null
}

describeOnDatabases('the storage-provider migration', (kind) => {
  let db: Database
  const owner = crypto.randomUUID()

  /** As an installation before the migration wrote it; `provider` where it had such a column by itself. */
  async function addRow(name: string, path: string | null, provider?: string | null): Promise<void> {
    if (provider === undefined)
      await sql`insert into training_datasets (user_id, name, storage_path) values (${owner}, ${name}, ${path})`.execute(
        db.service,
      )
    else
      await sql`insert into training_datasets (user_id, name, storage_path, storage_provider)
        values (${owner}, ${name}, ${path}, ${provider})`.execute(db.service)
  }
  const rows = async () =>
    (
      await sql<Row>`select name, storage_provider, storage_path from training_datasets order by name`.execute(
        db.service,
      )
    ).rows
  const runFile = async () => db.executeSql(await readFile(join(migrationsFolder, file), 'utf8'))

  beforeAll(async () => {
    db = await emptyDatabase(kind)
    await migrate(db, migrationsFolder, before)
    await addRow('a, in a bucket of before', `${owner}/private/a.jsonl.gz`)
    await addRow('b, in another shape', 'datasets/old/b.jsonl')
    await addRow('c, nowhere', null)
  })
  afterAll(() => db.close())

  test('makes rows of before Supabase rows, and loses none and no path', async () => {
    const applied = await migrate(db)
    expect(applied).toContain('20251218000000')
    expect(await rows()).toEqual([
      {
        name: 'a, in a bucket of before',
        storage_provider: 'supabase',
        storage_path: `${owner}/private/a.jsonl.gz`,
      },
      { name: 'b, in another shape', storage_provider: 'supabase', storage_path: 'datasets/old/b.jsonl' },
      { name: 'c, nowhere', storage_provider: 'supabase', storage_path: null },
    ])
  })

  test('can run again on what it made, and changes nothing', async () => {
    await addRow('d, at S3', 'd', 's3')
    await addRow('e, here', 'e', 'local')
    const made = await rows()
    await runFile()
    await runFile()
    expect(await rows()).toEqual(made)
  })

  test('names what another installation wrote into a column of its own', async () => {
    const had = { f: 'AWS', g: ' S3 ', h: 'disk', i: 'gcs', j: '', k: null, l: 'Supabase' }
    await sql`alter table training_datasets drop constraint training_datasets_storage_provider_check,
      alter column storage_provider drop not null, alter column storage_provider drop default`.execute(
      db.service,
    )
    for (const [name, provider] of Object.entries(had)) await addRow(name, name, provider)
    await runFile()
    const found = Object.fromEntries((await rows()).map((row) => [row.name, row.storage_provider]))
    expect(found).toMatchObject({
      f: 's3',
      g: 's3',
      h: 'local',
      i: 'supabase',
      j: 'supabase',
      k: 'supabase',
      l: 'supabase',
    })
    const kept = await sql<{ name: string; earlier: string }>`
      select name, metadata ->> 'earlier_storage_provider' as earlier from training_datasets
      where metadata ? 'earlier_storage_provider'`.execute(db.service)
    expect(kept.rows).toEqual([{ name: 'i', earlier: 'gcs' }])
  })

  test('leaves a default, no nulls, no unknown values, and an index for the list', async () => {
    await addRow('m, by default', null)
    expect((await rows()).find(({ name }) => name === 'm, by default')?.storage_provider).toBe('supabase')
    await expect(addRow('n', null, null)).rejects.toMatchObject({ code: '23502' })
    await expect(addRow('o', null, 'gcs')).rejects.toMatchObject({ code: '23514' })
    const indexes = await sql<{ indexdef: string }>`
      select indexdef from pg_indexes where tablename = 'training_datasets'`.execute(db.service)
    expect(indexes.rows.some(({ indexdef }) => indexdef.includes('(user_id, storage_provider'))).toBe(true)
  })
})

describeOnDatabases('tables that were there before', (kind) => {
  let db: Database
  const owner = crypto.randomUUID()

  beforeAll(async () => {
    db = await emptyDatabase(kind)
    await migrate(db, migrationsFolder, '20251201000100')
    await db.executeSql(`
      create table public.training_configs (id uuid primary key default gen_random_uuid(), user_id uuid not null,
        name text not null, config_json jsonb);
      create table public.training_datasets (id uuid primary key default gen_random_uuid(), user_id uuid not null,
        name text not null, format text, storage_path text, file_size_bytes bigint, total_examples int,
        storage_provider text constraint training_datasets_storage_provider_check
          check (storage_provider in ('supabase', 'AWS_S3', 'gcs')), metadata jsonb);
      alter table public.training_datasets enable row level security;
      create policy "anybody reads" on public.training_datasets for select using (true);
      create policy owner_only on public.training_configs for select using (true);
      grant update on public.training_datasets to public;
      insert into public.training_configs (user_id, name, config_json) values ('${owner}', 'old', '{"lr": 1}');
      insert into public.training_datasets (user_id, name, format, storage_path, file_size_bytes, total_examples, storage_provider)
        values ('${owner}', 'chat', 'chatml', 'old/chat.jsonl', 10, 1, null),
               ('${owner}', 'odd', 'SFT-v2', 's3://bucket/key', 20, 2, 'AWS_S3'),
               ('${owner}', 'other', 'chatml', 'x', 30, 3, 'gcs');`)
  })
  afterAll(() => db.close())

  test('get what they lack, keep what they have, and are not swept as unfinished uploads', async () => {
    await migrate(db)
    const datasets =
      await sql`select name, format, status, storage_path, storage_provider, file_size_bytes::int as size,
      metadata ->> 'earlier_format' as earlier, metadata ->> 'earlier_storage_provider' as store from training_datasets order by name`.execute(
        db.service,
      )
    expect(datasets.rows).toEqual([
      {
        name: 'chat',
        format: 'chatml',
        status: 'failed',
        storage_path: 'old/chat.jsonl',
        storage_provider: 'supabase',
        size: 10,
        earlier: null,
        store: null,
      },
      {
        name: 'odd',
        format: null,
        status: 'failed',
        storage_path: 's3://bucket/key',
        storage_provider: 's3',
        size: 20,
        earlier: 'SFT-v2',
        store: null,
      },
      {
        name: 'other',
        format: 'chatml',
        status: 'failed',
        storage_path: 'x',
        storage_provider: 'supabase',
        size: 30,
        earlier: null,
        store: 'gcs',
      },
    ])
    const configs = await sql`select name, config_json, provider from training_configs`.execute(db.service)
    expect(configs.rows).toEqual([{ name: 'old', config_json: { lr: 1 }, provider: 'local' }])
  })

  test('are read by their owner only, whatever their own policies and grants said', async () => {
    const stranger = await db.asUser(crypto.randomUUID(), async (trx) => [
      ...(await trx.selectFrom('training_datasets').select('name').execute()),
      ...(await trx.selectFrom('training_configs').select('name').execute()),
    ])
    expect(stranger).toEqual([])
    const own = await db.asUser(owner, (trx) => trx.selectFrom('training_datasets').select('name').execute())
    expect(own).toHaveLength(3)
    await expect(
      db.asUser(owner, (trx) => trx.updateTable('training_datasets').set({ status: 'ready' }).execute()),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('hold datasets on this machine, and have metadata', async () => {
    const added = await sql<{
      metadata: unknown
    }>`insert into training_datasets (user_id, name, storage_provider)
      values (${owner}, 'here', 'local') returning metadata`.execute(db.service)
    expect(added.rows).toEqual([{ metadata: {} }])
    const none = sql`update training_datasets set metadata = null`.execute(db.service)
    await expect(none).rejects.toMatchObject({ code: '23502' })
  })
})
