import { PGlite } from '@electric-sql/pglite'
import { Kysely } from 'kysely'
import { actAs, type Database } from './database.ts'
import { Exclusive } from './exclusive.ts'
import { byteaParsers, byteaSerializers } from './pglite-bytes.ts'
import { pgliteDialect } from './pglite-dialect.ts'
import type { DatabaseSchema } from './schema.ts'

/** Opens the embedded database in a folder, or in memory. The caller holds the folder's lock: PGlite does not. */
export async function openEmbeddedDatabase(folder: string | null): Promise<Database> {
  const pglite = await PGlite.create(folder ?? 'memory://', {
    parsers: byteaParsers,
    serializers: byteaSerializers,
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
