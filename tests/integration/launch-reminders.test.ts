import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { createJobQueue, type JobQueue } from '#lib/queue/job-queue.ts'
import { reconcileProvider } from '#lib/training/jobs/reconcile-provider.ts'
import { createLaunchers, type Launcher } from '#lib/training/launchers/launcher.ts'
import { describeOnDatabases, migratedDatabase } from '#tests/support/postgres/database-kinds.ts'
import { sampleJob } from '#tests/support/providers/sample-launch.ts'

const log = pino({ level: 'silent' })
const soon = { timeout: 10_000, interval: 50 }
const jobs = 3

describeOnDatabases('launches that nobody advances', (kind) => {
  let db: Database
  let queue: JobQueue

  beforeAll(async () => {
    db = await migratedDatabase(kind)
    queue = await createJobQueue({ db, log })
    for (let job = 0; job < jobs; job++) await addForgottenJob(db)
  })
  afterAll(async () => {
    await queue?.stop()
    await db?.close()
  })

  const launcher = { provider: 'runpod', capabilities: {} } as Launcher
  const launchers = createLaunchers([launcher], () => new Error('There is but one'))
  const round = () =>
    reconcileProvider({ db, launchers, queue, log, takeReport: async () => null as never }, launcher, {
      watchedSeconds: 0,
      everyMilliseconds: 1000,
    })

  async function waiting(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int from pgboss.job where name = 'launch-training' and state = 'created'`.execute(
      db.service,
    )
    return rows[0]!.count
  }

  test('are reminded of once for each job, however many rounds nobody takes the message', async () => {
    for (let rounds = 0; rounds < 5; rounds++) await round()
    expect(await waiting()).toBe(jobs)
  })

  test('are reminded of although a message waits for a later time', async () => {
    await sql`delete from pgboss.job`.execute(db.service)
    const id = await addForgottenJob(db)
    await queue.sendLaunch(id, 600)
    for (let rounds = 0; rounds < 3; rounds++) await round()
    expect(await waiting()).toBe(jobs + 2)
  })

  test('are taken, and reminded of again when that came to nothing', async () => {
    const taken: string[] = []
    await queue.workLaunches(async (id) => {
      taken.push(id)
      return null
    })
    await expect.poll(() => taken.length, soon).toBe(jobs + 1)
    expect(new Set(taken).size).toBe(jobs + 1)
    await round()
    await expect.poll(() => taken.length, soon).toBe(2 * (jobs + 1))
    expect(await waiting()).toBe(1)
  })
})

/** As after a crash between the job and the message about it. */
async function addForgottenJob(db: Database): Promise<string> {
  const id = randomUUID()
  const { user_id, name, config } = sampleJob('runpod')
  const longAgo = sql<Date>`now() - interval '1 minute'`
  await db.service
    .insertInto('training_jobs')
    .values({
      id,
      user_id,
      name,
      provider: 'runpod',
      config: JSON.stringify(config),
      datasets: '[]',
      updated_at: longAgo,
    })
    .execute()
  await db.service.insertInto('training_job_launches').values({ job_id: id, updated_at: longAgo }).execute()
  return id
}
