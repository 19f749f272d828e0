import { sql } from 'kysely'
import type { Queries } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import { launcherFacts, launcherIds } from '#lib/training/launchers/all-facts.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { SecretNeeds, SecretProvider } from './secret.types.ts'

const listedMax = 20

/** Whose jobs are looked after with a secret. */
const trainsOn = (provider: SecretProvider): TrainingProvider[] =>
  launcherIds.filter((id) => launcherFacts[id].secret === provider)

/**
 * What would be cut off without a secret: jobs that are alive, which could then neither be watched nor ended, and for
 * `aws` what lies at S3, what is on its way there, and the jobs that learn from there or leave their results there.
 */
export async function findSecretNeeds(
  { settings }: Pick<Services, 'settings'>,
  user: Queries,
  provider: SecretProvider,
): Promise<SecretNeeds> {
  const opensS3 = provider === 'aws'
  const fromS3 = sql<boolean>`exists (select 1 from training_datasets d, jsonb_array_elements(training_jobs.datasets) used
    where d.storage_provider = 's3' and d.id::text = used ->> 'dataset_id')`
  const toS3 = sql<boolean>`coalesce(artifact_storage_provider, ${settings.ARTIFACT_STORAGE_PROVIDER}) = 's3'`
  const jobs = user
    .selectFrom('training_jobs')
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('provider', 'in', trainsOn(provider)), ...(opensS3 ? [fromS3, toS3] : [])]))
  return {
    ...(opensS3 ? await needsAtS3(user) : nothingAtS3),
    jobs: await jobs
      .select(['id', 'name', 'status'])
      .orderBy('created_at', 'desc')
      .limit(listedMax)
      .execute(),
    job_count: (await jobs.select(count).executeTakeFirstOrThrow()).count,
  }
}

const count = sql<number>`count(*)::int`.as('count')

type NeedsAtS3 = Omit<SecretNeeds, 'jobs' | 'job_count'>

/** What a change that cuts off no stored bytes leaves out. */
export const nothingAtS3: NeedsAtS3 = {
  datasets: [],
  dataset_count: 0,
  artifacts: [],
  artifact_count: 0,
  uploads: [],
  upload_count: 0,
}

async function needsAtS3(user: Queries): Promise<NeedsAtS3> {
  const datasets = user.selectFrom('training_datasets').where('storage_provider', '=', 's3')
  const artifacts = user.selectFrom('training_job_artifacts').where('storage_provider', '=', 's3')
  const uploads = user
    .selectFrom('dataset_upload_sessions')
    .where('storage_provider', '=', 's3')
    .where('status', 'in', ['receiving', 'duplicate'])
  const listedDatasets = await datasets
    .select(['id', 'name', ...placeColumns])
    .orderBy('created_at', 'desc')
    .limit(listedMax)
    .execute()
  const listedArtifacts = await artifacts
    .select(['id', 'name', 'job_id', ...placeColumns])
    .orderBy('created_at', 'desc')
    .limit(listedMax)
    .execute()
  const listedUploads = await uploads
    .select(['id', 'file_name', ...placeColumns])
    .orderBy('created_at', 'desc')
    .limit(listedMax)
    .execute()
  return {
    datasets: listedDatasets.map((row) => ({ id: row.id, name: row.name, place: placeOf(row) })),
    dataset_count: (await datasets.select(count).executeTakeFirstOrThrow()).count,
    artifacts: listedArtifacts.map((row) => ({
      id: row.id,
      name: row.name,
      place: placeOf(row),
      job_id: row.job_id,
    })),
    artifact_count: (await artifacts.select(count).executeTakeFirstOrThrow()).count,
    uploads: listedUploads.map((row) => ({
      id: row.id,
      name: row.file_name ?? 'without a name',
      place: placeOf(row),
    })),
    upload_count: (await uploads.select(count).executeTakeFirstOrThrow()).count,
  }
}

const placeColumns = ['storage_bucket', 'storage_endpoint'] as const

function placeOf({
  storage_bucket: bucket,
  storage_endpoint: endpoint,
}: {
  storage_bucket: string | null
  storage_endpoint: string | null
}): string {
  return [bucket ? `s3://${bucket}` : 'S3', endpoint && `at ${endpoint}`].filter(Boolean).join(' ')
}

/** The same as sentences, for an error's details. */
export function needsAsLines(needs: SecretNeeds): string[] {
  const { datasets, jobs, artifacts, uploads } = needs
  const more = (count: number, listed: unknown[], what: string) =>
    count > listed.length ? [`and ${count - listed.length} more ${what}`] : []
  return [
    ...jobs.map(({ id, name, status }) => `Job "${name}" (/jobs/${id}) is ${status}.`),
    ...more(needs.job_count, jobs, 'jobs'),
    ...datasets.map(({ id, name, place }) => `Dataset "${name}" (/datasets/${id}) lies in ${place}.`),
    ...more(needs.dataset_count, datasets, 'datasets'),
    ...artifacts.map(
      ({ name, place, job_id }) =>
        `The file "${name}" of ${job_id ? `a job (/jobs/${job_id})` : 'a deleted job'} lies in ${place}.`,
    ),
    ...more(needs.artifact_count, artifacts, 'files of jobs'),
    ...uploads.map(({ name, place }) => `The upload of "${name}" is on its way to ${place}.`),
    ...more(needs.upload_count, uploads, 'uploads'),
  ]
}
