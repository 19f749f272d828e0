import { PGlite } from '@electric-sql/pglite'
import { Kysely } from 'kysely'
import { actAs, type Database } from './database.ts'
import { Exclusive } from './exclusive.ts'
import { byteParsers, byteSerializers } from './pglite-bytes.ts'
import { pgliteDialect } from './pglite-dialect.ts'
import type { DatabaseSchema } from './schema.ts'

/**
 * PostgreSQL's own 128 MB are all touched at the start, for a database that has a few: a third of a second and 100 MB
 * of memory. What does not fit is in the system's cache of files.
 */
const bufferMebibytes = 32

/** Opens the embedded database in a folder, or in memory. The caller holds the folder's lock: PGlite does not. */
export async function openEmbeddedDatabase(folder: string | null): Promise<Database> {
  const pglite = await PGlite.create(folder ?? 'memory://', {
    parsers: byteParsers,
    serializers: byteSerializers,
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${bufferMebibytes}MB`],
  })
  const session = new Exclusive()
  const service = new Kysely<DatabaseSchema>({ dialect: pgliteDialect(pglite, session) })

  return {
    kind: 'embedded',
    service,
    asUser: (userId, work) =>
      service.transaction().execute(async (trx) => {
        await actAs(trx, userId)
        return work(trx)
      }),
    listen: (channel, onPayload) =>
      session.run(() => pglite.listen(channel, onPayload)).then((stop) => () => session.run(() => stop())),
    executeSql: (text, values) =>
      session.run(async () => {
        if (values && values.length > 0) return pglite.query(text, values)
        const results = await pglite.exec(text)
        return { rows: results.flatMap((result) => result.rows) }
      }),
    close: () => service.destroy(),
  }
}
