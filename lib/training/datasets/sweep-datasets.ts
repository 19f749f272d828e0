import { sql } from 'kysely'
import type { Services } from '#lib/services.ts'
import { datasetOfRow } from './dataset-row.ts'
import { removeDataset } from './remove-dataset.ts'

/** An upload whose process did not say anything for this long is carried by nobody. */
export const silenceSeconds = 60

/**
 * Finishes what processes that died left behind: uploads that nobody carries, and deletions that stopped half way.
 * `alone` means that no other process shares the database, so every other process's upload is dead at once.
 */
export async function sweepDatasets(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'processId' | 'log'>,
  { alone }: { alone: boolean },
): Promise<{ removed: number }> {
  const { db, processId, log } = services
  const rows = await db.service
    .selectFrom('training_datasets as d')
    .leftJoin('dataset_uploads as u', 'u.dataset_id', 'd.id')
    .selectAll('d')
    .where((eb) =>
      eb.or([
        eb('d.status', '=', 'deleting'),
        eb.and([
          eb('d.status', '=', 'uploading'),
          eb.or([
            ...(alone ? [eb('u.process_id', '!=', processId)] : []),
            eb(
              sql`coalesce(u.heartbeat_at, d.created_at)`,
              '<',
              sql`now() - make_interval(secs => ${silenceSeconds})`,
            ),
          ]),
        ]),
      ]),
    )
    .execute()
  let removed = 0
  for (const row of rows) {
    try {
      await removeDataset(services, datasetOfRow(row))
      removed += 1
    } catch (error) {
      log.warn({ err: error, dataset: row.id }, 'a dataset could not be swept; it stays for the next sweep')
    }
  }
  return { removed }
}
