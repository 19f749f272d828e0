import { sql } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import { datasetListQuerySchema } from '#lib/training/dataset.types.ts'
import { listDatasets } from '#lib/training/datasets/list-datasets.ts'

export interface ListFigures {
  /** Of whole calls: both queries of the list, as the role of the user, with the way to the database and back. */
  milliseconds: number[]
  /** Tables that are read from one end to the other. */
  scanned: string[]
  plan: string[]
}

/** The list of users taken by chance, first pages and second ones, by the operation that the API calls. */
export async function measureDatasetList(
  db: Database,
  users: readonly string[],
  calls: number,
): Promise<ListFigures> {
  const first = datasetListQuerySchema.parse({})
  const milliseconds: number[] = []
  const call = async (id: string, query = first) => {
    const startedAt = performance.now()
    const page = await listDatasets({ db }, { id, email: '', name: '' }, query)
    milliseconds.push(performance.now() - startedAt)
    if (page.count !== 1000) throw new Error(`A user has ${page.count} datasets in place of 1,000`)
    return page
  }
  for (let turn = 0; turn < calls / 2; turn++) {
    const user = users[Math.floor(Math.random() * users.length)]!
    const page = await call(user)
    await call(user, { ...first, cursor: page.next_cursor! })
  }
  const plan = await planOf(db, users[0]!)
  const scanned = plan.flatMap((line) => /Seq Scan on (\w+)/.exec(line)?.[1] ?? [])
  return { milliseconds, scanned, plan }
}

/** What the database does for the newest page, as that user. */
async function planOf(db: Database, user: string): Promise<string[]> {
  const { rows } = await db.asUser(user, (trx) =>
    sql<Record<string, string>>`explain (analyze, buffers, costs off)
      select * from training_datasets where status in ('ready', 'uploading')
      order by created_at desc, id desc limit 51`.execute(trx),
  )
  return rows.map((row) => Object.values(row)[0]!)
}
