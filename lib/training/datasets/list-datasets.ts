import { type ExpressionBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { decodeCursor, encodeCursor } from '#lib/db/cursor.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { DatasetList, datasetListQuerySchema } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'

type Query = z.infer<typeof datasetListQuerySchema>

/** What each order sorts by, as text or number that a cursor can carry; newest and largest first, names from A. */
const orders = {
  created_at: {
    value: sql<string>`to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
    descending: true,
  },
  name: { value: sql<string>`lower(name)`, descending: false },
  size: { value: sql<number>`coalesce(file_size_bytes, 0)`, descending: true },
  examples: { value: sql<number>`coalesce(total_examples, 0)`, descending: true },
} as const satisfies Record<Query['sort'], unknown>

/** A page of the user's datasets, with counts over all pages. Uploads that nobody finished are not shown. */
export async function listDatasets(
  { db }: Pick<Services, 'db'>,
  user: User,
  query: Query,
): Promise<DatasetList> {
  const order = orders[query.sort]
  const matches = (eb: ExpressionBuilder<DatabaseSchema, 'training_datasets'>) =>
    eb.and([
      eb('status', 'in', ['ready', 'uploading']),
      ...(query.format ? [eb('format', '=', query.format)] : []),
      ...(query.search
        ? [eb(sql`name || ' ' || coalesce(description, '')`, 'ilike', `%${escapeLike(query.search)}%`)]
        : []),
    ])

  return db.asUser(user.id, async (trx) => {
    const counts = await trx
      .selectFrom('training_datasets')
      .select(['storage_provider', sql<number>`count(*)::int`.as('count')])
      .where(matches)
      .groupBy('storage_provider')
      .execute()

    let page = trx
      .selectFrom('training_datasets')
      .selectAll()
      .select(sql<string | number>`${order.value}`.as('sort_value'))
      .where(matches)
      .orderBy(sql`${order.value}`, order.descending ? 'desc' : 'asc')
      .orderBy('id', order.descending ? 'desc' : 'asc')
      .limit(query.limit + 1)
    if (query.provider) page = page.where('storage_provider', '=', query.provider)
    if (query.cursor) {
      const [value, id] = decodeCursor(query.cursor)
      const after = order.descending ? sql`<` : sql`>`
      page = page.where(sql<boolean>`(${order.value}, id) ${after} (${value}, ${id}::uuid)`)
    }
    const rows = await page.execute()
    const shown = rows.slice(0, query.limit)
    const last = shown.at(-1)

    const providerCounts = Object.fromEntries(storageProviders.map((provider) => [provider, 0])) as Record<
      StorageProvider,
      number
    >
    for (const { storage_provider, count } of counts) providerCounts[storage_provider] = count
    const total = Object.values(providerCounts).reduce((sum, count) => sum + count, 0)
    return {
      datasets: shown.map(({ sort_value: _, ...row }) => datasetOfRow(row)),
      count: query.provider ? providerCounts[query.provider] : total,
      provider: query.provider ?? null,
      provider_counts: providerCounts,
      next_cursor: last && rows.length > query.limit ? encodeCursor([last.sort_value, last.id]) : null,
    }
  })
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
