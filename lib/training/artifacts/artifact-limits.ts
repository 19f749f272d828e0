import { sql } from 'kysely'
import type { Queries } from '#lib/db/database.ts'
import { limit } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'

export interface SizedArtifact {
  jobId: string
  name: string
  sizeBytes: number
}

/** Throws `artifact_too_large` for a file that is too large by itself, or for all that its job has left with us. */
export async function checkArtifactSize(
  { settings }: Pick<Services, 'settings'>,
  queries: Queries,
  { jobId, name, sizeBytes }: SizedArtifact,
): Promise<void> {
  const { ARTIFACT_BYTES_MAX, ARTIFACTS_BYTES_MAX } = settings
  if (sizeBytes > ARTIFACT_BYTES_MAX)
    throw tooLarge(`It has ${sizeBytes} bytes; ARTIFACT_BYTES_MAX is ${ARTIFACT_BYTES_MAX}.`)
  // One of the same name is replaced, and so does not count.
  const { others } = await queries
    .selectFrom('training_job_artifacts')
    .select(sql<number>`coalesce(sum(size_bytes), 0)::float8`.as('others'))
    .where('job_id', '=', jobId)
    .where('name', '!=', name)
    .where('status', '!=', 'removing')
    .executeTakeFirstOrThrow()
  if (others + sizeBytes <= ARTIFACTS_BYTES_MAX) return
  throw tooLarge(
    `The job would have ${others + sizeBytes} bytes with us; ARTIFACTS_BYTES_MAX is ${ARTIFACTS_BYTES_MAX}. Delete some of its artifacts.`,
  )
}

const tooLarge = (details: string) => limit('artifact_too_large', 'The artifact is too large', details)
