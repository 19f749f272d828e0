import { sql } from 'kysely'
import type { Queries } from '#lib/db/database.ts'
import { launcherFacts, launcherIds } from '#lib/training/launchers/all-facts.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { SecretNeeds, SecretProvider } from './secret.types.ts'

const listedMax = 20

/** Whose jobs are looked after with a secret. */
const trainsOn = (provider: SecretProvider): TrainingProvider[] =>
  launcherIds.filter((id) => launcherFacts[id].secret === provider)

/**
 * What would be cut off without a secret: jobs that are alive, which could then neither be watched nor ended, and for
 * `aws` the datasets at S3 and the jobs that learn from them. Runs as the user whose secret it is.
 */
export async function findSecretNeeds(user: Queries, provider: SecretProvider): Promise<SecretNeeds> {
  const holdsDatasets = provider === 'aws'
  const datasets = user.selectFrom('training_datasets').where('storage_provider', '=', 's3')
  const fromS3 = sql<boolean>`exists (select 1 from training_datasets d, jsonb_array_elements(training_jobs.datasets) used
    where d.storage_provider = 's3' and d.id::text = used ->> 'dataset_id')`
  const jobs = user
    .selectFrom('training_jobs')
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('provider', 'in', trainsOn(provider)), ...(holdsDatasets ? [fromS3] : [])]))

  const count = sql<number>`count(*)::int`.as('count')
  const listedDatasets = holdsDatasets
    ? await datasets
        .select(['id', 'name', 'storage_bucket', 'storage_endpoint'])
        .orderBy('created_at', 'desc')
        .limit(listedMax)
        .execute()
    : []
  return {
    datasets: listedDatasets.map(({ id, name, storage_bucket: bucket, storage_endpoint: endpoint }) => ({
      id,
      name,
      place: [bucket ? `s3://${bucket}` : 'S3', endpoint && `at ${endpoint}`].filter(Boolean).join(' '),
    })),
    dataset_count: holdsDatasets ? (await datasets.select(count).executeTakeFirstOrThrow()).count : 0,
    jobs: await jobs
      .select(['id', 'name', 'status'])
      .orderBy('created_at', 'desc')
      .limit(listedMax)
      .execute(),
    job_count: (await jobs.select(count).executeTakeFirstOrThrow()).count,
  }
}

/** The same as sentences, for an error's details. */
export function needsAsLines({ datasets, dataset_count, jobs, job_count }: SecretNeeds): string[] {
  const more = (count: number, listed: unknown[], what: string) =>
    count > listed.length ? [`and ${count - listed.length} more ${what}`] : []
  return [
    ...jobs.map(({ id, name, status }) => `Job "${name}" (/jobs/${id}) is ${status}.`),
    ...more(job_count, jobs, 'jobs'),
    ...datasets.map(({ id, name, place }) => `Dataset "${name}" (/datasets/${id}) lies in ${place}.`),
    ...more(dataset_count, datasets, 'datasets'),
  ]
}
