import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPreparedDatabase } from '#tests/support/postgres/prepared-database.ts'
import type { Database } from './database.ts'
import { createTurns, type TakeTurn } from './provider-turns.ts'

let db: Database
let takers: TakeTurn[]

beforeAll(async () => {
  db = await openPreparedDatabase()
  // Two that know nothing of one another, as two processes would.
  takers = [createTurns(db.service), createTurns(db.service)]
})
afterAll(() => db.close())

const turn = (account: string, everySeconds: number, waitSecondsMax = 60) => ({
  account,
  pace: { kind: 'request', everySeconds },
  waitSecondsMax,
})

test('turns of one account are apart, whoever takes them', async () => {
  const began: number[] = []
  await Promise.all(
    Array.from({ length: 6 }, async (_, at) => {
      await takers[at % 2]!(turn('a', 0.2))
      began.push(performance.now())
    }),
  )
  const gaps = began.slice(1).map((time, at) => time - began[at]!)
  expect(Math.min(...gaps)).toBeGreaterThan(150)
})

test('rarer turns are apart even where each has to queue behind others', async () => {
  const began: number[] = []
  await Promise.all([
    ...Array.from({ length: 3 }, async (_, at) => {
      await takers[at % 2]!({ ...turn('rare', 0.1), rarer: { kind: 'launch', everySeconds: 0.5 } })
      began.push(performance.now())
    }),
    ...Array.from({ length: 8 }, (_, at) => takers[at % 2]!(turn('rare', 0.1))),
  ])
  const gaps = began.slice(1).map((time, at) => time - began[at]!)
  expect(Math.min(...gaps)).toBeGreaterThan(450)
})

test('accounts do not wait for one another', async () => {
  const before = performance.now()
  await Promise.all(Array.from({ length: 10 }, (_, at) => takers[0]!(turn(`account ${at}`, 30))))
  expect(performance.now() - before).toBeLessThan(2000)
})

test('a turn that is too far away is refused and not taken', async () => {
  await takers[0]!(turn('b', 30, 10))
  await expect(takers[1]!(turn('b', 30, 10))).rejects.toMatchObject({ kind: 'limit', code: 'rate_limited' })
  const { next_at } = await db.service
    .selectFrom('provider_turns')
    .select('next_at')
    .where('account', '=', 'b')
    .executeTakeFirstOrThrow()
  expect(next_at.getTime() - Date.now()).toBeLessThan(31_000)
})

test('whoever stops waiting is let go', async () => {
  await takers[0]!(turn('c', 30))
  const stop = new AbortController()
  const waiting = takers[0]!({ ...turn('c', 30), signal: stop.signal })
  stop.abort()
  await expect(waiting).rejects.toThrow()
})
