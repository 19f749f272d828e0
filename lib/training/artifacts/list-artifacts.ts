import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { Artifact } from '#lib/training/job.types.ts'
import { getJob } from '../jobs/get-job.ts'
import { artifactColumns, artifactOfRow } from './artifact-row.ts'

/** What a job has left with us so far, newest first; only what is whole. */
export async function listArtifacts(
  services: Pick<Services, 'db'>,
  user: Pick<User, 'id'>,
  jobId: string,
): Promise<{ artifacts: Artifact[] }> {
  await getJob(services, user, jobId)
  const rows = await services.db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_job_artifacts')
      .select(artifactColumns)
      .where('job_id', '=', jobId)
      .where('status', '=', 'ready')
      .orderBy('created_at', 'desc')
      .orderBy('name')
      .execute(),
  )
  return { artifacts: rows.map(artifactOfRow) }
}
