import { type Kysely, sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '#lib/auth/identity.ts'
import type { Database } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { deleteConfig } from '#lib/training/configs/delete-config.ts'
import { getConfig } from '#lib/training/configs/get-config.ts'
import { listConfigs } from '#lib/training/configs/list-configs.ts'
import { updateConfig } from '#lib/training/configs/update-config.ts'
import { datasetListQuerySchema } from '#lib/training/dataset.types.ts'
import { getDataset } from '#lib/training/datasets/get-dataset.ts'
import { listDatasets } from '#lib/training/datasets/list-datasets.ts'
import { updateDataset } from '#lib/training/datasets/update-dataset.ts'
import { describeOnDatabases, migratedDatabase } from '../../support/postgres/database-kinds.ts'
import { type Operation, type SeededIds, tableOrder, tableRules } from './tables.ts'

type Role = 'anon' | 'authenticated' | 'service_role'
type Trx = Transaction<DatabaseSchema>

const insufficientPrivilege = '42501'
const operations: readonly Operation[] = ['select', 'insert', 'update', 'delete']

describeOnDatabases('row-level security', (kind) => {
  let db: Database
  const owner = crypto.randomUUID()
  const stranger = crypto.randomUUID()
  const ids = newIds()

  beforeAll(async () => {
    db = await migratedDatabase(kind)
    for (const table of tableOrder) await seed(db.service, table, owner, ids)
  })
  afterAll(() => db.close())

  /** Runs as a role, and undoes whatever was done. */
  async function as<T>(role: Role, user: string | null, work: (trx: Trx) => Promise<T>): Promise<T> {
    const outcome: { value?: T; error?: unknown } = {}
    await db.service
      .transaction()
      .execute(async (trx) => {
        const claims = JSON.stringify(user ? { sub: user, role } : { role })
        await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`.execute(
          trx,
        )
        try {
          outcome.value = await work(trx)
        } catch (error) {
          outcome.error = error
        }
        throw new Undo()
      })
      .catch((error) => {
        if (!(error instanceof Undo)) throw error
      })
    if ('error' in outcome) throw outcome.error
    return outcome.value as T
  }

  test('is on for every table, each has a policy, and each is described', async () => {
    const tables = await sql<{ name: string; secured: boolean; policies: number }>`
      select n.nspname || '.' || c.relname as name, c.relrowsecurity as secured,
             (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname in ('public', 'accounts') order by 1`.execute(db.service)
    expect(tables.rows.filter(({ secured, policies }) => !secured || policies === 0)).toEqual([])
    expect(tables.rows.map(({ name }) => name)).toEqual(Object.keys(tableRules).sort())
  })

  describe.each(Object.keys(tableRules))('%s', (table) => {
    const rule = tableRules[table]!
    const mayNot = operations.filter((operation) => !rule.owner.includes(operation))

    test.each(operations)('anon may not %s', async (operation) => {
      await expect(
        as('anon', null, (trx) => attempt(trx, table, operation, owner, ids)),
      ).rejects.toMatchObject({
        code: insufficientPrivilege,
      })
    })

    test.each(rule.owner)('its owner may %s', async (operation) => {
      const touched = await as('authenticated', owner, (trx) => attempt(trx, table, operation, owner, ids))
      expect(touched).toBeGreaterThanOrEqual(1)
    })

    test.each(mayNot)('its owner may not %s', async (operation) => {
      await expect(
        as('authenticated', owner, (trx) => attempt(trx, table, operation, owner, ids)),
      ).rejects.toMatchObject({ code: insufficientPrivilege })
    })

    test.each(rule.owner.filter((operation) => operation !== 'insert'))(
      'a stranger reaches no row by %s',
      async (operation) => {
        const touched = await as('authenticated', stranger, (trx) =>
          attempt(trx, table, operation, owner, ids),
        )
        expect(touched).toBe(0)
      },
    )

    test('a stranger cannot write a row in the name of the owner', async () => {
      await expect(
        as('authenticated', stranger, (trx) => attempt(trx, table, 'insert', owner, ids)),
      ).rejects.toMatchObject({ code: insufficientPrivilege })
    })

    test.each(Object.entries(rule.serverOnly ?? {}))('its owner may not set %s', async (column, value) => {
      await expect(
        as('authenticated', owner, (trx) => update(trx, table, { [column]: value })),
      ).rejects.toMatchObject({ code: insufficientPrivilege })
      await expect(
        as('authenticated', owner, (trx) =>
          insert(trx, table, { ...freshRow(table, owner, ids), [column]: value }),
        ),
      ).rejects.toMatchObject({ code: insufficientPrivilege })
    })

    test.each(rule.hidden ?? [])('its owner may not read %s', async (column) => {
      await expect(
        as('authenticated', owner, (trx) =>
          sql`select ${sql.ref(column)} from ${sql.table(table)}`.execute(trx),
        ),
      ).rejects.toMatchObject({ code: insufficientPrivilege })
    })

    test('the server sees and changes every row', async () => {
      const seen = await as('service_role', null, (trx) => attempt(trx, table, 'select', owner, ids))
      expect(seen).toBeGreaterThanOrEqual(1)
      const gone = await as('service_role', null, (trx) => attempt(trx, table, 'delete', owner, ids))
      expect(gone).toBeGreaterThanOrEqual(1)
    })
  })
})

describeOnDatabases('a policy that lets everybody in', (kind) => {
  let db: Database
  const [owner, stranger] = [{ id: crypto.randomUUID() }, { id: crypto.randomUUID() }] as User[]
  const ids = newIds()

  beforeAll(async () => {
    db = await migratedDatabase(kind)
    for (const table of ['training_configs', 'training_datasets']) {
      await seed(db.service, `public.${table}`, owner!.id, ids)
      await db.executeSql(`create policy everybody on public.${table} using (true)`)
    }
  })
  afterAll(() => db.close())

  test("shows nobody another's datasets and configurations: the code asks whose they are", async () => {
    const services = { db }
    const query = datasetListQuerySchema.parse({})
    expect((await listDatasets(services, owner!, query)).count).toBe(1)
    expect(await listDatasets(services, stranger!, query)).toMatchObject({ count: 0, datasets: [] })
    expect(await listConfigs(services, stranger!)).toEqual({ configs: [], count: 0 })
    const missing = { kind: 'not_found' }
    await expect(getDataset(services, stranger!, ids.dataset)).rejects.toMatchObject(missing)
    await expect(updateDataset(services, stranger!, ids.dataset, { name: 'x' })).rejects.toMatchObject(
      missing,
    )
    await expect(getConfig(services, stranger!, ids.config)).rejects.toMatchObject(missing)
    await expect(updateConfig(services, stranger!, ids.config, { name: 'x' })).rejects.toMatchObject(missing)
    await expect(deleteConfig(services, stranger!, ids.config)).rejects.toMatchObject(missing)
  })

  test("lets nobody put a dataset into another's configuration, or into none that exists", async () => {
    const invalid = { code: 'config_not_found', kind: 'invalid' }
    for (const config_id of [ids.config, crypto.randomUUID()]) {
      const dataset = crypto.randomUUID()
      await seed(db.service, 'public.training_datasets', stranger!.id, {
        ...ids,
        config: ids.config,
        dataset,
      })
      const patched = updateDataset({ db }, stranger!, dataset, { config_id })
      await expect(patched).rejects.toMatchObject(invalid)
    }
  })
})

class Undo extends Error {}

const newIds = (): SeededIds => ({
  config: crypto.randomUUID(),
  dataset: crypto.randomUUID(),
  job: crypto.randomUUID(),
})

async function seed(db: Kysely<DatabaseSchema>, table: string, owner: string, ids: SeededIds) {
  const row = tableRules[table]!.row(owner, ids)
  const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)))
  const values = sql.join(Object.values(row))
  // Migrations put the one row of some tables there themselves.
  await sql`insert into ${sql.table(table)} (${columns}) values (${values}) on conflict do nothing`.execute(
    db,
  )
}

/** How many rows an operation reached. */
async function attempt(
  trx: Trx,
  table: string,
  operation: Operation,
  owner: string,
  ids: SeededIds,
): Promise<number> {
  const rule = tableRules[table]!
  switch (operation) {
    case 'select': {
      const columns = rule.hidden ? await readableColumns(trx, table, rule.hidden) : sql`*`
      return (await sql`select ${columns} from ${sql.table(table)}`.execute(trx)).rows.length
    }
    case 'insert':
      return insert(trx, table, freshRow(table, owner, ids))
    case 'update':
      return update(trx, table, rule.change ?? firstColumn(table, owner, ids))
    case 'delete':
      return Number((await sql`delete from ${sql.table(table)}`.execute(trx)).numAffectedRows)
  }
}

/** A further row: its own key is new, what it refers to exists. */
function freshRow(table: string, owner: string, ids: SeededIds): Record<string, unknown> {
  const rule = tableRules[table]!
  const [existing, fresh] = [rule.row(owner, ids), rule.row(owner, newIds())]
  const row = 'id' in existing ? { ...existing, id: fresh.id ?? crypto.randomUUID() } : existing
  const allowed = rule.insertable
  return allowed ? Object.fromEntries(Object.entries(row).filter(([name]) => allowed.includes(name))) : row
}

function firstColumn(table: string, owner: string, ids: SeededIds): Record<string, unknown> {
  const [name, value] = Object.entries(tableRules[table]!.row(owner, ids)).at(-1)!
  return { [name]: value }
}

async function insert(trx: Trx, table: string, row: Record<string, unknown>): Promise<number> {
  const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)))
  const result =
    await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(
      trx,
    )
  return Number(result.numAffectedRows)
}

async function update(trx: Trx, table: string, change: Record<string, unknown>): Promise<number> {
  const set = sql.join(Object.entries(change).map(([name, value]) => sql`${sql.ref(name)} = ${value}`))
  return Number((await sql`update ${sql.table(table)} set ${set}`.execute(trx)).numAffectedRows)
}

async function readableColumns(trx: Trx, table: string, hidden: readonly string[]) {
  const [schema, name] = table.split('.') as [string, string]
  const found = await sql<{ column: string }>`
    select attname as column from pg_attribute
    where attrelid = ${`${schema}.${name}`}::regclass and attnum > 0 and not attisdropped`.execute(trx)
  return sql.join(
    found.rows
      .map(({ column }) => column)
      .filter((column) => !hidden.includes(column))
      .map((c) => sql.ref(c)),
  )
}
