import { type RawBuilder, sql } from 'kysely'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'
import { removeDataset, unchanged } from './remove-dataset.ts'

/** An upload whose process did not say anything for this long is carried by nobody. */
export const silenceSeconds = 60

/** Asked with the removal itself: since the rows were read an upload may have ended well, or given a sign of life. */
export function stillDead(dataset: Dataset, onlyProcess: string | null = null): RawBuilder<boolean> {
  const mayCarry = onlyProcess === null ? sql`true` : sql`u.process_id = ${onlyProcess}`
  return sql<boolean>`${unchanged(dataset)} and (training_datasets.status <> 'uploading' or not exists (
    select 1 from dataset_uploads u where u.dataset_id = training_datasets.id and ${mayCarry}
      and u.heartbeat_at >= now() - make_interval(secs => ${silenceSeconds})))`
}

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
      const dataset = datasetOfRow(row)
      await removeDataset(services, dataset, stillDead(dataset, alone ? processId : null))
      removed += 1
    } catch (error) {
      if (isAppError(error) && error.code === 'dataset_changed') continue
      log.warn({ err: error, dataset: row.id }, 'a dataset could not be swept; it stays for the next sweep')
    }
  }
  return { removed }
}
