import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import {
  DoctorFinding,
  type DoctorStep,
  type PlannedStep,
  runDoctorSteps,
} from '#lib/storage/bucket-doctor.ts'
import type { StorageAccess } from '#lib/storage/storage-registry.ts'

const placesMax = 10

/**
 * Datasets stay in the bucket that they were put into. For each bucket other than today's: whether today's key still
 * reads what lies there.
 */
export async function stepsOfEarlierPlaces(
  { db, stores }: Pick<Services, 'db' | 'stores'>,
  user: User,
  access: StorageAccess,
  signal: AbortSignal,
): Promise<DoctorStep[]> {
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_datasets')
      .distinctOn(['storage_bucket', 'storage_region', 'storage_endpoint'])
      .select(['name', 'storage_bucket', 'storage_region', 'storage_endpoint', 'storage_path'])
      .where('storage_provider', '=', 's3')
      .where('status', '=', 'ready')
      .limit(placesMax)
      .execute(),
  )
  const { aws } = access
  const elsewhere = rows.filter(
    (row) => row.storage_bucket !== aws?.bucket || row.storage_endpoint !== aws.endpoint,
  )
  const plan = elsewhere.map(
    ({
      name,
      storage_bucket: bucket,
      storage_region: region,
      storage_endpoint: endpoint,
      storage_path: key,
    }): PlannedStep => {
      const place = `s3://${bucket}${endpoint ? ` at ${endpoint}` : ''}`
      return {
        id: `earlier-${place}`,
        label: `Read earlier datasets in ${bucket}`,
        async run() {
          const found = await stores
            .open('s3', access, { bucket, region, endpoint })
            .head(key ?? '', { signal })
          if (found) return `"${name}" in ${place} can be read.`
          throw new DoctorFinding(
            `"${name}" is not in ${place} any more.`,
            'npm run doctor lists datasets whose bytes are missing.',
          )
        },
        explain: (error) => ({
          meaning: `"${name}" lies in ${place}: ${error.message}.`,
          fix: 'Give this key the right to read there too, or delete those datasets while the old key is still in place.',
        }),
      }
    },
  )
  return runDoctorSteps(plan, {})
}
