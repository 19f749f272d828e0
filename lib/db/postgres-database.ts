import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { actAs, type Database } from './database.ts'
import type { DatabaseSchema } from './schema.ts'

/** Counts and sizes fit a double; as text they would be added as text. */
const int8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

const reconnectMilliseconds = 1000

/** Opens a pool on a real PostgreSQL; `onError` hears of idle connections that broke. */
export function openPostgresDatabase(url: string, onError: (error: Error) => void, poolMax = 10): Database {
  const pool = new pg.Pool({ connectionString: url, max: poolMax, types })
  pool.on('error', onError)
  const service = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })

  return {
    kind: 'postgres',
    service,
    asUser: (userId, work) =>
      service.transaction().execute(async (trx) => {
        await actAs(trx, userId)
        return work(trx)
      }),
    listen: (channel, onPayload, onGap) => listen(url, channel, onPayload, onGap, onError),
    executeSql: (text, values) => pool.query(text, values),
    close: () => service.destroy(),
  }
}

/** Holds one connection for the channel and opens it again when it breaks. */
async function listen(
  url: string,
  channel: string,
  onPayload: (payload: string) => void,
  onGap: (() => void) | undefined,
  onError: (error: Error) => void,
): Promise<() => Promise<void>> {
  let stopped = false
  let client: pg.Client

  const connect = async () => {
    client = new pg.Client({ connectionString: url })
    client.on('notification', (message) => onPayload(message.payload ?? ''))
    client.on('error', (error) => {
      onError(error)
      void client.end().catch(() => {})
      setTimeout(reconnect, reconnectMilliseconds)
    })
    await client.connect()
    await client.query(`listen ${pg.escapeIdentifier(channel)}`)
  }
  const reconnect = async () => {
    if (stopped) return
    try {
      await connect()
      onGap?.()
    } catch {
      setTimeout(reconnect, reconnectMilliseconds)
    }
  }

  await connect()
  return async () => {
    stopped = true
    await client.end()
  }
}
