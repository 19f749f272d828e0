import type { User } from '#lib/auth/identity.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { artifactColumns } from '../artifacts/artifact-row.ts'
import { removeArtifactSoon } from '../artifacts/remove-artifact.ts'
import { getJob } from './get-job.ts'
import { isEnd } from './job-states.ts'

/**
 * Forgets a job that has ended, with its curves, its log and what it left with us. What lies elsewhere stays there. A
 * store that does not let go at once is asked again by the sweep. A job whose machine has not been verified gone is kept:
 * who forgets it forgets what it costs.
 */
export async function deleteJob(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'log'>,
  user: User,
  id: string,
): Promise<{ deleted: true; id: string }> {
  const job = await getJob(services, user, id)
  if (!isEnd(job.status)) throw conflict('job_alive', 'This job has not ended', 'Cancel it first.')
  const { db } = services
  const artifacts = await db.service
    .selectFrom('training_job_artifacts')
    .select(artifactColumns)
    .where('job_id', '=', id)
    .execute()
  const { numDeletedRows } = await db.service
    .deleteFrom('training_jobs')
    .where('id', '=', id)
    .where('ended_at', 'is not', null)
    .where((eb) => eb.or([eb('billed_from', 'is', null), eb('billed_until', 'is not', null)]))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('training_job_launches')
            .select('job_id')
            .whereRef('job_id', '=', 'training_jobs.id')
            .where('asked_at', 'is not', null),
        ),
      ),
    )
    .executeTakeFirst()
  if (numDeletedRows === 0n)
    throw conflict(
      'machine_ending',
      'The machine of this job is still being ended',
      'Delete the job once its provider has confirmed that the machine is gone.',
    )
  for (const artifact of artifacts) await removeArtifactSoon(services, artifact)
  return { deleted: true, id }
}
