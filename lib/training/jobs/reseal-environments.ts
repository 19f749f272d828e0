import { isAppError } from '#lib/errors/app-error.ts'
import type { Resealed } from '#lib/secrets/secrets-manager.service.ts'
import type { Services } from '#lib/services.ts'
import { sealedFor } from './job-environment.ts'

/** Seals the environments of jobs that are alive with the newest key; of those that have ended nobody reads them again. */
export async function resealEnvironments({
  db,
  sealedBox,
  log,
}: Pick<Services, 'db' | 'sealedBox' | 'log'>): Promise<Resealed> {
  const rows = await db.service
    .selectFrom('training_job_launches as l')
    .innerJoin('training_jobs as j', 'j.id', 'l.job_id')
    .select(['j.id', 'j.user_id', 'l.environment'])
    .where('j.ended_at', 'is', null)
    .where('l.environment', 'is not', null)
    .execute()
  const result: Resealed = { resealed: 0, upToDate: 0, unreadable: [] }
  for (const { environment, ...job } of rows) {
    const sealed = environment!
    if (sealedBox.isSealedWithNewest(sealed)) {
      result.upToDate += 1
      continue
    }
    try {
      const again = sealedBox.seal(sealedBox.open(sealed, sealedFor(job)), sealedFor(job))
      await db.service
        .updateTable('training_job_launches')
        .set({ environment: again })
        .where('job_id', '=', job.id)
        .where('environment', '=', sealed)
        .execute()
      result.resealed += 1
    } catch (error) {
      if (!isAppError(error)) throw error
      const { code } = error
      log.warn({ job: job.id, code }, "a job's environment could not be sealed again")
      result.unreadable.push({ userId: job.user_id, provider: sealedFor(job).provider, code })
    }
  }
  return result
}
