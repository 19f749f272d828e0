import { inTransaction } from '#lib/db/database.ts'
import { conflict, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { createDatasetUrl } from '#lib/training/dataset-url-service.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { Job, Lease } from '#lib/training/job.types.ts'
import { noteRunnerStart } from './note-runner-start.ts'
import { recordLeaseWithin } from './record-lease.ts'

type LeaseServices = Pick<Services, 'db' | 'stores' | 'storageAccess'>

/**
 * Fresh links to the datasets of one job, for as long as the job lives and its owner wants it to; ask again whenever one
 * is needed. What was given, renewed or refused is written down. `start` is new for each process of a runner.
 */
export async function leaseJob(services: LeaseServices, job: Job, start?: string): Promise<Lease> {
  if (job.cancel_requested_at) {
    await inTransaction(services.db, (trx) =>
      recordLeaseWithin(trx, job, { action: 'refused', reason: 'The job was cancelled.' }),
    )
    throw conflict('job_cancelled', 'This job was cancelled', 'Save what there is, and report the end.')
  }
  if (start) await noteRunnerStart(services, job, start)
  const datasets = await Promise.all(job.datasets.map((dataset) => leaseDataset(services, job, dataset)))
  await inTransaction(services.db, async (trx) => {
    const before = await trx
      .selectFrom('training_job_leases')
      .select('id')
      .where('job_id', '=', job.id)
      .where('action', '=', 'issued')
      .executeTakeFirst()
    const expiries = datasets.map(({ expires_at }) => expires_at).sort()
    await recordLeaseWithin(trx, job, {
      action: before ? 'renewed' : 'issued',
      datasets: datasets.map(({ id, name }) => ({ dataset_id: id, name })),
      ...(expiries[0] ? { expiresAt: expiries[0] } : {}),
    })
  })
  return { datasets, config: job.config }
}

async function leaseDataset(
  services: LeaseServices,
  job: Job,
  { dataset_id, weight }: Job['datasets'][number],
) {
  if (!dataset_id) throw notFound('dataset_not_found', 'A dataset of this job was deleted')
  const owner = { id: job.user_id, email: '', name: '' }
  const dataset = await getReadyDataset(services, owner, dataset_id)
  const link = await createDatasetUrl(services, owner, { datasetId: dataset_id, jobId: job.id })
  return {
    id: dataset.id,
    name: dataset.name,
    url: link.url,
    expires_at: link.expires_at,
    sha256: dataset.sha256,
    size_bytes: dataset.file_size_bytes,
    format: dataset.format,
    total_examples: dataset.total_examples,
    weight,
  }
}
