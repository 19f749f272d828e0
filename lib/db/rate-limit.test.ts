import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPreparedDatabase } from '#tests/support/postgres/prepared-database.ts'
import type { Database } from './database.ts'
import { sweepRateLimits, takeTurn } from './rate-limit.ts'

let db: Database

beforeAll(async () => {
  db = await openPreparedDatabase()
})
afterAll(() => db.close())

const turn = (of: string) => takeTurn(db, { name: 'guess', of, max: 3, windowSeconds: 60 })

test('turns taken at once are all counted, each of whom they are of', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => turn('a')))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  await expect(turn('b')).resolves.toBeUndefined()
})

test('too many say how long to wait, and the next window starts anew', async () => {
  for (let n = 0; n < 3; n++) await turn('c')
  await expect(turn('c')).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 60 })
  await db.service
    .updateTable('rate_limits')
    .set({ window_ends_at: new Date(Date.now() - 1) })
    .execute()
  await expect(turn('c')).resolves.toBeUndefined()
})

test('windows that are over are forgotten', async () => {
  await turn('d')
  await db.service
    .updateTable('rate_limits')
    .set({ window_ends_at: new Date(0) })
    .where('key', '=', 'guess d')
    .execute()
  await sweepRateLimits(db)
  const keys = await db.service.selectFrom('rate_limits').select('key').execute()
  expect(keys.map(({ key }) => key)).not.toContain('guess d')
  expect(keys).not.toEqual([])
})
