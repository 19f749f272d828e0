import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { migrate } from '#lib/db/migrate.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { createTurns } from '#lib/db/provider-turns.ts'
import { createLambdaLauncher } from '#lib/training/launchers/lambda/launcher.ts'
import { freshDatabaseUrl } from '#tests/support/postgres/database-kinds.ts'
import { type LambdaDouble, startLambdaDouble } from '#tests/support/providers/lambda/start-lambda-double.ts'
import { aLaunch, anAccess, aSecret } from '#tests/support/providers/launch-request.ts'

/** Lambda's pace, five times as fast; the room for what is late on its way stays the same. */
const allowed = { secondsPerRequest: 0.2, secondsPerLaunch: 2.4 }
const kept = { secondsPerRequest: 0.4, secondsPerLaunch: 2.6 }

let lambda: LambdaDouble
let databases: Database[]

beforeAll(async () => {
  lambda = await startLambdaDouble({ pace: allowed })
  const url = await freshDatabaseUrl()
  databases = ['a web process', 'a worker'].map(() => openPostgresDatabase(url, () => {}))
  await migrate(databases[0]!)
})
afterAll(async () => {
  await Promise.all(databases.map((db) => db.close()))
  await lambda.close()
})

test('two processes that launch and look at once keep the pace of the one account together', async () => {
  for (const type of lambda.types) type.room = type.listed
  const launchers = databases.map((db) =>
    createLambdaLauncher({
      deploymentId: crypto.randomUUID(),
      secretOf: aSecret(lambda.apiKey, { lambda: { ssh_key_name: 'finetunelab' } }),
      takeTurn: createTurns(db.service),
      apiUrl: lambda.url,
      pace: kept,
    }),
  )
  await Promise.all(
    launchers.flatMap((launcher) => [
      launcher.launch(aLaunch({ provider: 'lambda', options: { region: 'us-east-1' } }), anAccess()),
      launcher.launch(aLaunch({ provider: 'lambda', options: { region: 'us-east-1' } }), anAccess()),
      launcher.listOurs('user'),
      launcher.listOurs('user'),
    ]),
  )
  expect(lambda.instances.size).toBe(4)
  expect(lambda.seen).toHaveLength(12)
  expect(lambda.tooEarly).toEqual([])
})
