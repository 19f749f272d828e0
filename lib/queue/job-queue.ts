import { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { Database } from '#lib/db/database.ts'

const launchQueue = 'launch-training'

/** Durable work: what was sent is done once somebody lives to do it, by whichever process is free. */
export interface JobQueue {
  sendLaunch(jobId: string): Promise<void>
  workLaunches(handle: (jobId: string) => Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** pg-boss on the application's own database, embedded or not, in its own schema. */
export async function createJobQueue({ db, log }: { db: Database; log: Logger }): Promise<JobQueue> {
  const boss = new PgBoss({
    db: { executeSql: db.executeSql as (text: string, values?: unknown[]) => Promise<{ rows: never[] }> },
    ...(db.kind === 'embedded' ? { backend: 'pglite' as const } : {}),
  })
  boss.on('error', (error) => log.error({ err: error }, 'the queue met an error'))
  await boss.start()
  await boss.createQueue(launchQueue, { retryLimit: 5, retryDelay: 5, expireInSeconds: 300 })

  return {
    async sendLaunch(jobId) {
      await boss.send(launchQueue, { jobId })
    },
    async workLaunches(handle) {
      await boss.work<{ jobId: string }>(launchQueue, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
        if (job) await handle(job.data.jobId)
      })
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
  }
}
