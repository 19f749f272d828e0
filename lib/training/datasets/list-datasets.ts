import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { type CursorKind, decodeCursor, encodeCursor } from '#lib/db/cursor.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { DatasetList, datasetListQuerySchema } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from './dataset-row.ts'

type Query = z.infer<typeof datasetListQuerySchema>

interface Order {
  /** What is sorted by; the newest first comes straight from an index. */
  by: RawBuilder<unknown>
  descending: boolean
  value: CursorKind['value']
  /** The same as text or number that a cursor can carry, and back. */
  toCursor: RawBuilder<string | number>
  fromCursor(value: string | number): RawBuilder<unknown>
}

const plainOrder = (
  by: RawBuilder<string | number>,
  value: 'text' | 'count',
  descending: boolean,
): Order => ({
  by,
  value,
  descending,
  toCursor: by,
  fromCursor: (at) => sql`${at}`,
})

/** Newest and largest first, names from A. */
const orders = {
  created_at: {
    by: sql`created_at`,
    descending: true,
    value: 'time',
    // A JavaScript date would lose the microseconds.
    toCursor: sql<string>`to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
    fromCursor: (value) => sql`(${value}::timestamp at time zone 'utc')`,
  },
  name: plainOrder(sql<string>`lower(name)`, 'text', false),
  size: plainOrder(sql<number>`coalesce(file_size_bytes, 0)`, 'count', true),
  examples: plainOrder(sql<number>`coalesce(total_examples, 0)`, 'count', true),
} as const satisfies Record<Query['sort'], Order>

/** A page of the user's datasets, with counts over all pages. What is being deleted is not shown. */
export async function listDatasets(
  { db }: Pick<Services, 'db'>,
  user: User,
  query: Query,
): Promise<DatasetList> {
  const order: Order = orders[query.sort]
  const kind = { sort: query.sort, value: order.value }
  const matches = (eb: ExpressionBuilder<DatabaseSchema, 'training_datasets'>) =>
    eb.and([
      eb('user_id', '=', user.id),
      eb('status', '!=', 'deleting'),
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
      .select(order.toCursor.as('sort_value'))
      .where(matches)
      .orderBy(order.by, order.descending ? 'desc' : 'asc')
      .orderBy('id', order.descending ? 'desc' : 'asc')
      .limit(query.limit + 1)
    if (query.provider) page = page.where('storage_provider', '=', query.provider)
    if (query.cursor) {
      const [value, id] = decodeCursor(kind, query.cursor)
      const after = order.descending ? sql`<` : sql`>`
      page = page.where(sql<boolean>`(${order.by}, id) ${after} (${order.fromCursor(value)}, ${id}::uuid)`)
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
      next_cursor: last && rows.length > query.limit ? encodeCursor(kind, [last.sort_value, last.id]) : null,
    }
  })
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
