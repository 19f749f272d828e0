import type { Database } from '#lib/db/database.ts'
import type { MetricsCensus } from './metrics.ts'

/** Two counts over indexes that hold only what is alive. */
export function deploymentCensus(db: Database): MetricsCensus {
  return {
    async liveJobs() {
      const rows = await db.service
        .selectFrom('training_jobs')
        .select(({ fn }) => ['provider', 'status', fn.countAll().as('count')])
        .where('ended_at', 'is', null)
        .groupBy(['provider', 'status'])
        .execute()
      return rows.map((row) => ({ ...row, count: Number(row.count) }))
    },
    async orphans() {
      const rows = await db.service
        .selectFrom('training_orphans')
        .select(({ fn }) => ['provider', fn.countAll().as('count')])
        .where('ended_at', 'is', null)
        .groupBy('provider')
        .execute()
      return rows.map((row) => ({ ...row, count: Number(row.count) }))
    },
  }
}
