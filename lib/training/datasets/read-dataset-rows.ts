import type { User } from '#lib/auth/identity.ts'
import { corrupt } from '#lib/errors/app-error.ts'
import { decodeMemberIndex } from '#lib/ingest/member-index.ts'
import { readRows } from '#lib/ingest/read-rows.ts'
import type { Services } from '#lib/services.ts'
import type { JsonValue } from '#lib/training/dataset.types.ts'
import { openDatasetStore } from './dataset-store.ts'
import { getReadyDataset } from './get-dataset.ts'

/** Rows [offset, offset + limit) by one ranged read from the dataset's own store. */
export async function readDatasetRows(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  user: User,
  id: string,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ rows: JsonValue[]; offset: number; total: number }> {
  const dataset = await getReadyDataset(services, user, id)
  const index = await services.db.asUser(user.id, (trx) =>
    trx
      .selectFrom('dataset_member_indexes')
      .select('members')
      .where('dataset_id', '=', id)
      .executeTakeFirst(),
  )
  if (!index)
    throw corrupt(
      'index_missing',
      "The dataset's row index is missing",
      'Whoever runs this deployment rebuilds it: npm run doctor -- --mend',
    )
  const store = await openDatasetStore(services, dataset)
  const rows = await readRows({
    members: decodeMemberIndex(index.members),
    getRange: (start, end) => rangeOf(store, dataset.storage_path, start, end),
    offset,
    limit,
  })
  return { rows, offset, total: dataset.total_examples }
}

async function* rangeOf(
  store: Awaited<ReturnType<typeof openDatasetStore>>,
  key: string,
  start: number,
  end: number,
) {
  yield* await store.getRange(key, { start, end: end - 1 })
}
