import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { browserApi } from '#lib/client/browser-api.ts'
import {
  type DatasetListQuery,
  getDataset,
  getDatasetCompatibility,
  listDatasets,
} from '#lib/client/datasets.ts'
import { listStorageOptions } from '#lib/client/storage.ts'

/** Everything under `datasets` is asked again when one of them changes. */
export const datasetKeys = {
  all: ['datasets'] as const,
  list: (query: DatasetListQuery) => ['datasets', 'list', query] as const,
  one: (id: string) => ['datasets', 'one', id] as const,
  activity: (id: string) => ['datasets', 'one', id, 'activity'] as const,
  rows: (id: string, page: number) => ['dataset-rows', id, page] as const,
}

const pageSize = 50

export function useDatasetList(query: DatasetListQuery) {
  return useInfiniteQuery({
    queryKey: datasetKeys.list(query),
    queryFn: ({ pageParam, signal }) =>
      listDatasets(browserApi, { ...query, limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useDataset(id: string) {
  return useQuery({
    queryKey: datasetKeys.one(id),
    queryFn: ({ signal }) => getDataset(browserApi, id, signal),
  })
}

export function useDatasetCompatibility(id: string) {
  return useQuery({
    queryKey: [...datasetKeys.one(id), 'compatibility'],
    queryFn: ({ signal }) => getDatasetCompatibility(browserApi, id, signal),
  })
}

export function useStorageOptions() {
  return useQuery({
    queryKey: ['storage-options'],
    queryFn: ({ signal }) => listStorageOptions(browserApi, signal),
    staleTime: 30_000,
  })
}
