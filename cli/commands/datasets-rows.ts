import { getDatasetRows } from '#lib/client/datasets.ts'
import { parseExact } from '#lib/ingest/rows/exact-numbers.ts'
import { findDataset } from '../find-dataset.ts'
import type { Action } from '../program.ts'

const pageRows = 100

/** JSON Lines in either case: rows are JSON already, and keep their digits. */
export const printRows: Action<[string], { offset: number; limit: number }> = async (
  context,
  { offset, limit },
  idOrName,
) => {
  const api = await context.api()
  const { id } = await findDataset(api, idOrName, context.signal)
  for (let at = offset; at < offset + limit; ) {
    const page = { offset: at, limit: Math.min(pageRows, offset + limit - at) }
    const options = { signal: context.signal, parse: parseExact }
    const { rows, total } = await getDatasetRows(api, id, page, options)
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    at += rows.length
    if (rows.length === 0 || at >= total) return
  }
}
