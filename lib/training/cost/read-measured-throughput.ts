import { sql } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { jobColumns, jobOfRow } from '#lib/training/jobs/job-row.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { MeasuredThroughput } from './estimate-question.ts'
import { listedMachines } from './price-table.ts'

const jobsMax = 20

/** What this owner's trainings of a model reached at a provider, newest first: those that ended well and told a speed. */
export async function readMeasuredThroughput(
  { db }: Pick<Services, 'db'>,
  user: User,
  provider: TrainingProvider,
  baseModel: string,
): Promise<MeasuredThroughput[]> {
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_jobs')
      .select(jobColumns)
      .where('provider', '=', provider)
      .where('status', '=', 'succeeded')
      .where(sql<string>`config ->> 'base_model'`, '=', baseModel)
      .orderBy('created_at', 'desc')
      .limit(jobsMax)
      .execute(),
  )
  return rows.map(jobOfRow).flatMap(({ config, machine, metrics, options }) => {
    const tokensPerSecond = metrics?.tokens_per_second
    if (!machine || typeof tokensPerSecond !== 'number' || config.trainer === 'smoke') return []
    const perMachine = listedMachines(provider).find(({ id }) => id === machine.id)?.gpu?.count ?? 1
    const machines = typeof options.gpu_count === 'number' ? options.gpu_count : 1
    return [
      {
        baseModel,
        method: config.method,
        machine: machine.id,
        gpuCount: perMachine * machines,
        tokensPerSecond,
      },
    ]
  })
}
