import type { Selectable, Transaction } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { AppError, unauthenticated } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { Job } from '#lib/training/job.types.ts'
import { openTargetStore } from '../datasets/open-target-store.ts'
import { checkArtifactSize } from './artifact-limits.ts'

export interface SentArtifact {
  name: string
  /** Of the whole file, lower-case hex. */
  sha256: string
  sizeBytes: number
}

export type ReceivingRow = Selectable<DatabaseSchema['training_job_artifacts']>

export type ArtifactServices = Pick<
  Services,
  'db' | 'stores' | 'storageAccess' | 'settings' | 'processId' | 'log'
>

/**
 * The row of a file that comes in: the one that was begun, where it is the same file, or a new one. It says where the bytes
 * will lie before there are any. Rejects with `artifact_too_large`, or with why the store cannot be used.
 */
export async function openArtifact(
  services: ArtifactServices,
  job: Job,
  sent: SentArtifact,
): Promise<ReceivingRow> {
  const provider = job.artifact_storage_provider ?? services.settings.ARTIFACT_STORAGE_PROVIDER
  const { store } = await openTargetStore(services, { id: job.user_id }, provider)
  return inTransaction(services.db, async (trx) => {
    await lockLivingJob(trx, job.id)
    const begun = await trx
      .selectFrom('training_job_artifacts')
      .selectAll()
      .where('job_id', '=', job.id)
      .where('name', '=', sent.name)
      .where('status', '=', 'receiving')
      .executeTakeFirst()
    if (begun && begun.sha256 === sent.sha256 && begun.size_bytes === sent.sizeBytes) return begun
    await checkArtifactSize(services, trx, { jobId: job.id, ...sent })
    // Another file under this name: the newer one is wanted, and whoever still sends the older one finds its turn gone.
    if (begun)
      await trx
        .updateTable('training_job_artifacts')
        .set({ status: 'removing', writer_id: null, updated_at: new Date() })
        .where('id', '=', begun.id)
        .execute()
    const id = crypto.randomUUID()
    return trx
      .insertInto('training_job_artifacts')
      .values({
        id,
        job_id: job.id,
        user_id: job.user_id,
        name: sent.name,
        sha256: sent.sha256,
        size_bytes: sent.sizeBytes,
        status: 'receiving',
        storage_provider: provider,
        storage_path: storageCatalog[provider].artifactKey(job.user_id, job.id, id),
        storage_bucket: store.location.bucket,
        storage_region: store.location.region,
        storage_endpoint: store.location.endpoint,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** One after the other, so that the sum of a job's artifacts is what it seems. */
async function lockLivingJob(trx: Transaction<DatabaseSchema>, jobId: string): Promise<void> {
  const alive = await trx
    .selectFrom('training_jobs')
    .select('id')
    .where('id', '=', jobId)
    .where('ended_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (alive) return
  throw unauthenticated(
    'invalid_job_token',
    'This token does not belong to a living job',
    'The job has ended.',
  )
}

/** `received_bytes` says where to go on. */
export function otherOffset(receivedBytes: number): AppError {
  return new AppError('conflict', {
    code: 'artifact_offset',
    message: 'The artifact stands elsewhere',
    details: `It stands at byte ${receivedBytes}: go on there.`,
    data: { received_bytes: receivedBytes },
  })
}
