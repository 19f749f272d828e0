import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { createDatasetUrl } from '#lib/training/dataset-url-service.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { Job, Lease } from '#lib/training/job.types.ts'

/** Fresh links to the datasets of one job, for as long as the job lives; ask again whenever one is needed. */
export async function leaseJob(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  job: Job,
): Promise<Lease> {
  const owner = { id: job.user_id, email: '', name: '' }
  const datasets = await Promise.all(
    job.datasets.map(async ({ dataset_id, weight }) => {
      if (!dataset_id) throw notFound('dataset_not_found', 'A dataset of this job was deleted')
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
    }),
  )
  return { datasets, config: job.config }
}
