import { sql } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { DatasetActivity } from '#lib/training/dataset-activity.types.ts'
import { getDataset } from './get-dataset.ts'

const shownMax = 100

/** Who was given a link to a dataset, and which jobs have learned from it. */
export async function listDatasetActivity(
  services: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<DatasetActivity> {
  await getDataset(services, user, id)
  return services.db.asUser(user.id, async (trx) => {
    const ofDataset = trx
      .selectFrom('training_jobs')
      .where(sql<boolean>`datasets @> ${JSON.stringify([{ dataset_id: id }])}::jsonb`)
    const linksOfDataset = trx.selectFrom('dataset_links').where('dataset_links.dataset_id', '=', id)
    const count = sql<number>`count(*)::int`.as('count')
    const { count: jobCount } = await ofDataset.select(count).executeTakeFirstOrThrow()
    const { count: linkCount } = await linksOfDataset.select(count).executeTakeFirstOrThrow()
    const jobs = await ofDataset
      .select(['id', 'name', 'provider', 'status', 'created_at'])
      .orderBy('created_at', 'desc')
      .limit(shownMax)
      .execute()
    const links = await linksOfDataset
      .leftJoin('training_jobs', 'training_jobs.id', 'dataset_links.job_id')
      .select([
        'dataset_links.created_at',
        'dataset_links.expires_at',
        'training_jobs.id as job_id',
        'training_jobs.name as job_name',
      ])
      .orderBy('dataset_links.id', 'desc')
      .limit(shownMax)
      .execute()
    const activity: DatasetActivity['activity'] = [
      ...jobs.map(({ id: jobId, name, provider, status, created_at }) => ({
        kind: 'job' as const,
        at: created_at.toISOString(),
        job: { id: jobId, name },
        provider,
        status,
      })),
      ...links.map(({ created_at, expires_at, job_id, job_name }) => ({
        kind: 'link' as const,
        at: created_at.toISOString(),
        expires_at: expires_at.toISOString(),
        job: job_id && job_name ? { id: job_id, name: job_name } : null,
      })),
    ]
    return {
      activity: activity.toSorted((one, other) => other.at.localeCompare(one.at)),
      link_count: linkCount,
      job_count: jobCount,
    }
  })
}
