import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '#lib/db/database.ts'
import { openEmbeddedDatabase } from '#lib/db/embedded-database.ts'
import { migrate, migrationsFolder } from '#lib/db/migrate.ts'

const root = join(import.meta.dirname, '../../..')
const cacheFolder = join(root, 'node_modules/.cache')

/**
 * Puts into a data folder the embedded database that a first start makes there: to make one costs seconds of
 * processor, to copy one a tenth of one. A folder that has a database already keeps it.
 */
export async function prepareDatabase(dataDir: string): Promise<void> {
  const target = join(dataDir, 'database')
  if (await exists(target)) return
  await cp(await preparedDatabase(), target, { recursive: true })
}

/** The same database opened by itself, in a folder that goes when it is closed. */
export async function openPreparedDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-database-'))
  await prepareDatabase(folder)
  const db = await openEmbeddedDatabase(join(folder, 'database'))
  return {
    ...db,
    async close() {
      await db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

let prepared: Promise<string> | undefined

function preparedDatabase(): Promise<string> {
  prepared ??= findOrMake()
  return prepared
}

async function findOrMake(): Promise<string> {
  const folder = join(cacheFolder, `finetunelab-test-database-${await fingerprint()}`)
  if (await exists(folder)) return folder
  await mkdir(cacheFolder, { recursive: true })
  const made = await mkdtemp(`${folder}-`)
  const db = await openEmbeddedDatabase(join(made, 'database'))
  await migrate(db)
  // Each that is copied becomes a deployment of its own when it is started.
  await db.service.deleteFrom('app_deployment').execute()
  await db.close()
  // Several test files may make one at once: the first gives it its name, the others find it there.
  await rename(join(made, 'database'), folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  await rm(made, { recursive: true, force: true })
  return folder
}

/** Of everything that decides what such a database holds. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(migrationsFolder)).sort()
  const files = [
    ...names.map((name) => join(migrationsFolder, name)),
    join(root, 'node_modules/@electric-sql/pglite/package.json'),
  ]
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
