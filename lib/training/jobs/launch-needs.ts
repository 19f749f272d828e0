import { invalid, notFound } from '#lib/errors/app-error.ts'
import { createDatasetUrl } from '#lib/training/dataset-url-service.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { DatasetPlace, Launcher, LaunchRequest, RunnerAccess } from '#lib/training/launchers/launcher.ts'
import { readRunnerFile, runnerPath } from '#lib/training/launchers/runner-file.ts'
import { sealedFor } from './job-environment.ts'
import type { LaunchServices } from './launch-services.ts'

export const runtimeSecondsDefault = 86_400

/** The link to a job's first dataset that goes along with its launch, for the record. */
export interface LaunchLink {
  datasets: { dataset_id: string; name: string }[]
  expiresAt: string
}

/** All that a launcher is given: what to run, where the data lies, and the one link and token that go along. */
export async function readLaunchNeeds(
  services: LaunchServices,
  launcher: Launcher,
  job: Job,
  { token, sealedEnvironment }: { token: string; sealedEnvironment: string | null },
): Promise<{ request: LaunchRequest; access: RunnerAccess; link: LaunchLink | null }> {
  const owner = { id: job.user_id, email: '', name: '' }
  const [first] = job.datasets
  if (!first?.dataset_id) throw notFound('dataset_not_found', 'A dataset of this job was deleted')
  const baseUrl = baseUrlFor(services, launcher, job)
  const { onThisMachine, data } = launcher.capabilities
  const link =
    data === 'lease' && !onThisMachine
      ? await createDatasetUrl(services, owner, { datasetId: first.dataset_id, jobId: job.id })
      : null
  const runner = readRunnerFile()
  return {
    link: link && {
      datasets: [{ dataset_id: first.dataset_id, name: first.name }],
      expiresAt: link.expires_at,
    },
    request: {
      job,
      options: job.options,
      environment: sealedEnvironment
        ? JSON.parse(services.sealedBox.open(sealedEnvironment, sealedFor(job)))
        : {},
      maxRuntimeSeconds: job.max_runtime_seconds ?? runtimeSecondsDefault,
      datasets: await datasetPlaces(services, job),
    },
    access: {
      token,
      baseUrl,
      runner: { url: baseUrl && `${baseUrl}${runnerPath}`, sha256: runner.sha256 },
      dataset: { url: link?.url ?? '', sha256: first.sha256 },
    },
  }
}

function baseUrlFor(services: LaunchServices, { capabilities }: Launcher, job: Job): string | null {
  if (capabilities.onThisMachine) return services.loopbackUrl()
  return job.detached ? null : services.publicUrl()
}

/** Where each dataset of a job lies. */
export async function datasetPlaces(
  services: Pick<LaunchServices, 'db'>,
  job: Pick<Job, 'user_id' | 'datasets'>,
): Promise<DatasetPlace[]> {
  const owner = { id: job.user_id, email: '', name: '' }
  return Promise.all(
    job.datasets.map(async ({ dataset_id, name }) => {
      if (!dataset_id) throw invalid('dataset_missing', `The dataset "${name}" was deleted`)
      const dataset = await getReadyDataset(services, owner, dataset_id)
      return {
        datasetId: dataset.id,
        location: {
          bucket: dataset.storage_bucket,
          region: dataset.storage_region,
          endpoint: dataset.storage_endpoint,
        },
        key: dataset.storage_path,
        sizeBytes: dataset.file_size_bytes,
      }
    }),
  )
}
