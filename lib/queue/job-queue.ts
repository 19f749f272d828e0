import { sql } from 'kysely'
import { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import { type Database, inTransaction, notify } from '#lib/db/database.ts'

const launchQueue = 'launch-training'
const wakeChannel = 'finetunelab_launches'
/** Launches wait for providers most of the time. */
const launchesAtOnce = 8

/** Durable work: what was sent is done once somebody lives to do it, by whichever process is free. */
export interface JobQueue {
  /** Has a launch advanced, now or after some seconds. Sending twice does no harm: a launch is held by one at a time. */
  sendLaunch(jobId: string, afterSeconds?: number): Promise<void>
  /** Has a launch advanced that may have been forgotten. Not sent while a message about it waits to be taken. */
  remindLaunch(jobId: string): Promise<void>
  /** `handle` answers in how many seconds the same job wants to be handled again, or null. */
  workLaunches(handle: (jobId: string) => Promise<number | null>): Promise<void>
  stop(): Promise<void>
}

/** pg-boss on the application's own database, embedded or not, in its own schema. */
export async function createJobQueue({ db, log }: { db: Database; log: Logger }): Promise<JobQueue> {
  const boss = new PgBoss({
    db: { executeSql: db.executeSql as (text: string, values?: unknown[]) => Promise<{ rows: never[] }> },
    ...(db.kind === 'embedded' ? { backend: 'pglite' as const } : {}),
  })
  boss.on('error', (error) => log.error({ err: error }, 'the queue met an error'))
  await alone(db, () => boss.start())
  // A launch that takes longer goes on, fenced by its hold; the second one finds it held and leaves.
  const options = {
    retryLimit: 10,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: 60,
    expireInSeconds: 900,
  }
  await boss.createQueue(launchQueue, options)
  await boss.updateQueue(launchQueue, options)
  let stopListening = async () => {}

  const queue: JobQueue = {
    async sendLaunch(jobId, afterSeconds = 0) {
      const later = afterSeconds > 0 ? { startAfter: Math.ceil(afterSeconds) } : {}
      await boss.send(launchQueue, { jobId }, { singletonKey: jobId, ...later })
      if (afterSeconds <= 0) await notify(db.service, wakeChannel, '')
    },
    async remindLaunch(jobId) {
      const waiting = await boss.findJobs(launchQueue, { key: jobId, queued: true })
      // One that waits for a later time is about something else: a pause, or an attempt that failed.
      if (waiting.every(({ startAfter }) => startAfter.getTime() > Date.now())) await queue.sendLaunch(jobId)
    },
    async workLaunches(handle) {
      const workers: string[] = []
      for (let worker = 0; worker < launchesAtOnce; worker++) {
        const id = await boss.work<{ jobId: string }>(
          launchQueue,
          { pollingIntervalSeconds: 2 },
          async ([message]) => {
            if (!message) return
            const { jobId } = message.data
            const again = await handle(jobId)
            if (again !== null) await queue.sendLaunch(jobId, again)
          },
        )
        workers.push(id)
      }
      const wake = () => {
        for (const worker of workers) boss.notifyWorker(worker)
      }
      stopListening = await db.listen(wakeChannel, wake, wake)
    },
    async stop() {
      await stopListening()
      await boss.stop({ graceful: true, timeout: 10_000 })
    },
  }
  return queue
}

/** "ftlq" in bytes: another lock than that of the migrations. */
const advisoryLock = 0x66746c71

/** The queue makes its tables at its first start, and does not expect another process to do so at the same moment. */
async function alone<T>(db: Database, work: () => Promise<T>): Promise<T> {
  if (db.kind === 'embedded') return work()
  return inTransaction(db, async (trx) => {
    await sql`select pg_advisory_xact_lock(${advisoryLock})`.execute(trx)
    return work()
  })
}
