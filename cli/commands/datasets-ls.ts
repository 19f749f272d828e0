import { type DatasetListQuery, listDatasets } from '#lib/client/datasets.ts'
import { listUploads } from '#lib/client/resumable-uploads.ts'
import { formatBytes, formatCount, formatPercent } from '#lib/display/number-format.ts'
import { formatRelative } from '#lib/display/time-format.ts'
import { plain, table } from '../output.ts'
import type { Action, Context } from '../program.ts'

interface ListOptions {
  store?: DatasetListQuery['provider']
  format?: DatasetListQuery['format']
  search?: string
  limit: number
  unfinished?: boolean
}

export const listDatasetsCommand: Action<[], ListOptions> = async (context, options) => {
  if (options.unfinished) return listUnfinished(context)
  const { output, signal } = context
  const api = await context.api()
  const { store: provider, format, search, limit } = options
  const datasets = []
  let cursor: string | undefined
  let count = 0
  do {
    const left = limit - datasets.length
    const page = await listDatasets(
      api,
      { provider, format, search, cursor, limit: Math.min(200, left) },
      signal,
    )
    datasets.push(...page.datasets)
    count = page.count
    cursor = page.next_cursor ?? undefined
  } while (cursor && datasets.length < limit)

  const now = new Date()
  const rows = datasets.map((one) => [
    one.id,
    plain(one.name),
    one.storage_provider,
    one.format ?? '-',
    one.total_examples === null ? '-' : formatCount(one.total_examples),
    one.file_size_bytes === null ? '-' : formatBytes(one.file_size_bytes),
    formatRelative(new Date(one.created_at), now),
  ])
  const head = ['ID', 'NAME', 'STORE', 'FORMAT', 'EXAMPLES', 'SIZE', 'CREATED']
  output.result(
    { datasets, count },
    rows.length === 0 ? 'No datasets.' : table([head, ...rows], { right: [4, 5] }),
  )
  if (count > datasets.length) output.note(`${datasets.length} of ${formatCount(count)}; see --limit.`)
}

async function listUnfinished({ output, signal, api }: Context): Promise<void> {
  const { uploads } = await listUploads(await api(), signal)
  const now = new Date()
  const rows = uploads.map((one) => [
    one.id,
    plain(one.file_name ?? '-'),
    one.storage_provider,
    one.status === 'duplicate'
      ? 'is there already'
      : formatPercent(one.size_bytes === 0 ? 0 : one.offset / one.size_bytes),
    formatBytes(one.size_bytes),
    formatRelative(new Date(one.expires_at), now),
  ])
  const head = ['ID', 'FILE', 'STORE', 'SENT', 'OF', 'EXPIRES']
  output.result(
    { uploads },
    rows.length === 0 ? 'No unfinished uploads.' : table([head, ...rows], { right: [3, 4] }),
  )
}
