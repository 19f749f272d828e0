import { queryOptions, useQueries } from '@tanstack/react-query'
import { browserApi } from '#lib/client/browser-api.ts'
import { getDatasetRows } from '#lib/client/datasets.ts'
import type { Dataset, JsonValue } from '#lib/training/dataset.types.ts'
import { datasetKeys } from '../dataset-queries.ts'

const pageBytes = 512 * 1024
const pageRowsMax = 50

/** So many that a page stays small also where rows are long. */
export function pageRows({ raw_size_bytes: bytes, total_examples: rows }: Dataset): number {
  const rowBytes = bytes && rows ? bytes / rows : 1
  return Math.min(pageRowsMax, Math.max(1, Math.floor(pageBytes / rowBytes)))
}

export interface RowPages {
  /** Undefined while it is not there. */
  rowAt: (row: number) => JsonValue | undefined
  error: Error | null
  retry: () => void
}

/** Rows `from` to `to` (from 0, both included), page by page; each page is fetched once. */
export function useRowPages(dataset: Dataset, from: number, to: number): RowPages {
  const size = pageRows(dataset)
  const first = Math.floor(from / size)
  const pages = Array.from({ length: Math.floor(to / size) - first + 1 }, (_, at) => first + at)
  const answers = useQueries({ queries: pages.map((page) => rowPageQuery(dataset.id, page, size)) })
  return {
    rowAt: (row) => answers[Math.floor(row / size) - first]?.data?.rows[row % size],
    error: answers.find(({ error }) => error)?.error ?? null,
    retry: () => {
      for (const answer of answers) if (answer.isError) void answer.refetch()
    },
  }
}

function rowPageQuery(id: string, page: number, size: number) {
  return queryOptions({
    queryKey: datasetKeys.rows(id, page),
    queryFn: ({ signal }) => getDatasetRows(browserApi, id, { offset: page * size, limit: size }, { signal }),
    // What is stored under an id never changes.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
}
