import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from './database.ts'

export const migrationsFolder = join(import.meta.dirname, '../../supabase/migrations')

/** Any number that nobody else of this cluster is likely to lock on: "ftlab" in bytes. */
const advisoryLock = 0x66746c61

/**
 * Applies what is missing, each file in its own transaction, in order of version. Bookkeeping is the Supabase
 * CLI's own table, so that a project that was migrated by `supabase db push` is not migrated twice.
 * Answers the versions that were applied. Several processes may call it at once.
 */
export async function migrate(
  db: Database,
  folder: string = migrationsFolder,
  until?: string,
): Promise<string[]> {
  const applied: string[] = []
  for (const { version, name, file } of await migrationFiles(folder)) {
    if (until !== undefined && version > until) break
    const text = await readFile(file, 'utf8')
    if (await applyOnce(db, version, name, text)) applied.push(version)
  }
  return applied
}

async function migrationFiles(folder: string) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return names.map((file) => {
    const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? []
    if (!version || !name) throw new Error(`Migration ${file} is not called <timestamp>_<name>.sql`)
    return { version, name, file: join(folder, file) }
  })
}

/** A text of several statements is one transaction by itself: a file that fails leaves nothing and no open transaction. */
async function applyOnce(db: Database, version: string, name: string, text: string): Promise<boolean> {
  await db.executeSql(
    `select pg_advisory_xact_lock(${advisoryLock});
     create schema if not exists supabase_migrations;
     create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);`,
  )
  const known = await db.executeSql(
    'select 1 from supabase_migrations.schema_migrations where version = $1',
    [version],
  )
  if (known.rows.length > 0) return false
  // `on conflict` with the lock held: whoever came second finds the row, and the file itself can run twice.
  await db.executeSql(
    `select pg_advisory_xact_lock(${advisoryLock});
     ${text}
     insert into supabase_migrations.schema_migrations (version, name) values ('${version}', '${name}') on conflict do nothing;`,
  )
  return true
}
