import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedDatabase } from '#lib/db/embedded-database.ts'
import { createLogger } from './logger.ts'

test('an error of the database is logged without the values that its statement had', async () => {
  const db = await openEmbeddedDatabase(null)
  onTestFinished(() => db.close())
  await db.executeSql('create table kept (sealed text check (length(sealed) < 3))')
  const error = await sql`insert into kept values (${'a secret value'})`.execute(db.service).catch((e) => e)
  expect(JSON.stringify({ ...error })).toContain('a secret value')

  const lines: string[] = []
  const log = createLogger('info', { write: (line) => void lines.push(line) })
  log.warn({ err: error }, 'it failed')
  log.error(error)
  log.warn({ err: new Error('around it', { cause: error }) }, 'it failed')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('kept_sealed_check')
  expect(lines.join('')).not.toContain('a secret value')
})
