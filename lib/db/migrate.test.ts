import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { openEmbeddedDatabase } from './embedded-database.ts'
import { migrate } from './migrate.ts'

let db: Database
let folder: string

beforeAll(async () => {
  db = await openEmbeddedDatabase(null)
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
})

afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true })
})

test('a migration that fails leaves nothing of itself, and can be mended and run again', async () => {
  const file = join(folder, '20250101000000_first.sql')
  await writeFile(file, 'create table half (id int); select 1 / 0;')
  await expect(migrate(db, folder)).rejects.toThrow('division by zero')
  expect((await db.executeSql(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }])

  await writeFile(file, 'create table half (id int);')
  expect(await migrate(db, folder)).toEqual(['20250101000000'])
  expect(await migrate(db, folder)).toEqual([])
})
