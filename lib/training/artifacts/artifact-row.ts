import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { invalid, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Artifact } from '#lib/training/job.types.ts'
import { openDatasetStore } from '../datasets/dataset-store.ts'

type Row = Selectable<DatabaseSchema['training_job_artifacts']>

/** What its owner may read; the state that an upload goes on with is the server's alone. */
export const artifactColumns = [
  'id',
  'job_id',
  'user_id',
  'name',
  'size_bytes',
  'sha256',
  'status',
  'storage_provider',
  'storage_bucket',
  'storage_region',
  'storage_endpoint',
  'storage_path',
  'received_bytes',
  'created_at',
] as const satisfies (keyof Row)[]

export type ArtifactRow = Pick<Row, (typeof artifactColumns)[number]>

export function artifactOfRow(row: ArtifactRow): Artifact {
  const { id, name, size_bytes, sha256, storage_provider, created_at } = row
  return { id, name, size_bytes, sha256, storage_provider, created_at: created_at.toISOString() }
}

/** One file that is whole, of a job of this user's. */
export async function findArtifact(
  { db }: Pick<Services, 'db'>,
  userId: string,
  jobId: string,
  name: string,
): Promise<ArtifactRow> {
  requireArtifactName(name)
  const row = await db.asUser(userId, (trx) =>
    trx
      .selectFrom('training_job_artifacts')
      .select(artifactColumns)
      .where('job_id', '=', jobId)
      .where('name', '=', name)
      .where('status', '=', 'ready')
      .executeTakeFirst(),
  )
  if (row) return row
  throw notFound('artifact_not_found', 'This job has no such artifact')
}

/** The store that holds an artifact, where it was put, whatever the settings say today. */
export function openArtifactStore(
  services: Pick<Services, 'stores' | 'storageAccess'>,
  row: ArtifactRow,
): Promise<StorageService> {
  return openDatasetStore(services, row)
}

/** A file name that every store, system and header takes as it is, so that nothing has to be rewritten anywhere. */
export function requireArtifactName(name: string): void {
  if (/^[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,254}$/.test(name)) return
  throw invalid(
    'invalid_artifact_name',
    'An artifact cannot have this name',
    'Use 1 to 255 of A-Z a-z 0-9 . _ - +, and no dot at the beginning.',
  )
}
