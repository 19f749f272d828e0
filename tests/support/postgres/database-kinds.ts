import { describe, inject } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { openEmbeddedDatabase } from '#lib/db/embedded-database.ts'
import { migrate } from '#lib/db/migrate.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { openPreparedDatabase } from './prepared-database.ts'
import { createDatabase } from './start-postgres.ts'

export type DatabaseKind = Database['kind']

/** Runs a suite on the embedded database and on a real PostgreSQL; skips the latter, with the reason, where there is none. */
export function describeOnDatabases(name: string, suite: (kind: DatabaseKind) => void): void {
  const { missing } = inject('postgres')
  describe(`${name} (embedded)`, () => suite('embedded'))
  describe.skipIf(missing)(`${name} (PostgreSQL${missing ? `: ${missing}` : ''})`, () => suite('postgres'))
}

/** A database of a kind with the schema, and no more. */
export async function migratedDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind === 'embedded') return openPreparedDatabase()
  const db = await emptyDatabase(kind)
  await migrate(db)
  return db
}

/** An empty database of a kind, without the schema. */
export async function emptyDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind === 'embedded') return openEmbeddedDatabase(null)
  return openPostgresDatabase(await freshDatabaseUrl(), (error) => {
    throw error
  })
}

export function freshDatabaseUrl(): Promise<string> {
  const { url, missing } = inject('postgres')
  if (url === null) throw new Error(missing)
  return createDatabase(url)
}
