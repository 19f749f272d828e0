import type { Services } from '#lib/services.ts'
import type { ArtifactProgress, Job } from '#lib/training/job.types.ts'
import { checkArtifactSize } from './artifact-limits.ts'
import { requireArtifactName } from './artifact-row.ts'

/** How much of a file is here. With its size, one that is too large is refused before a byte of it is sent. */
export async function getArtifactProgress(
  services: Pick<Services, 'db' | 'settings'>,
  job: Job,
  { name, sha256, sizeBytes }: { name: string; sha256: string; sizeBytes: number | undefined },
): Promise<ArtifactProgress> {
  requireArtifactName(name)
  const queries = services.db.service
  const rows = await queries
    .selectFrom('training_job_artifacts')
    .select(['status', 'size_bytes', 'received_bytes'])
    .where('job_id', '=', job.id)
    .where('name', '=', name)
    .where('sha256', '=', sha256)
    .where('status', '!=', 'removing')
    .execute()
  const ready = rows.find(({ status }) => status === 'ready')
  if (ready) return { received_bytes: ready.size_bytes, complete: true }
  if (sizeBytes !== undefined) await checkArtifactSize(services, queries, { jobId: job.id, name, sizeBytes })
  return { received_bytes: rows[0]?.received_bytes ?? 0, complete: false }
}
