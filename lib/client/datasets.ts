import { z } from 'zod'
import { availableDatasetsSchema, verdictSchema } from '#lib/training/compatibility.types.ts'
import {
  type datasetListQuerySchema,
  datasetListSchema,
  type datasetPatchSchema,
  datasetSchema,
  downloadUrlSchema,
  rowsSchema,
} from '#lib/training/dataset.types.ts'
import { datasetActivitySchema } from '#lib/training/dataset-activity.types.ts'
import type { TrainingMethod, TrainingProvider } from '#lib/training/training-config.types.ts'
import { trainingProviderSchema } from '#lib/training/training-config.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const root = '/api/training/dataset'

export type DatasetListQuery = Partial<z.input<typeof datasetListQuerySchema>>

export function listDatasets(api: ApiConnection, query: DatasetListQuery = {}, signal?: AbortSignal) {
  const { provider, format, search, sort, cursor } = query
  const limit = query.limit === undefined ? undefined : Number(query.limit)
  return callApi(api, {
    path: root,
    query: { provider, format, search, sort, limit, cursor },
    answer: datasetListSchema,
    signal,
  })
}

export interface AvailableQuery {
  training_provider?: TrainingProvider
  method?: TrainingMethod
  allow_cross_storage?: boolean
}

/** Every dataset, with whether this provider and method can take it, and if not why and what would help. */
export function listAvailableDatasets(api: ApiConnection, query: AvailableQuery, signal?: AbortSignal) {
  return callApi(api, {
    path: `${root}/available`,
    query: { ...query },
    answer: availableDatasetsSchema,
    signal,
  })
}

export function getDataset(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}`, answer: datasetSchema, signal })
}

export function updateDataset(api: ApiConnection, id: string, patch: z.input<typeof datasetPatchSchema>) {
  return callApi(api, { method: 'PATCH', path: `${root}/${id}`, json: patch, answer: datasetSchema })
}

/** 409 `dataset_in_use` while a job needs it. */
export async function deleteDataset(api: ApiConnection, id: string) {
  await callApi(api, { method: 'DELETE', path: `${root}/${id}`, answer: z.unknown() })
}

export function getDatasetRows(
  api: ApiConnection,
  id: string,
  page: { offset: number; limit: number },
  { signal, parse }: { signal?: AbortSignal; parse?: (text: string) => unknown } = {},
) {
  return callApi(api, { path: `${root}/${id}/rows`, query: page, answer: rowsSchema, signal, parse })
}

export function createDownloadUrl(api: ApiConnection, id: string, request: { expiry_hours?: number } = {}) {
  return callApi(api, {
    method: 'POST',
    path: `${root}/${id}/download-url`,
    json: request,
    answer: downloadUrlSchema,
  })
}

/** Links that were issued and jobs that used it, newest first. */
export function listDatasetActivity(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}/activity`, answer: datasetActivitySchema, signal })
}

const compatibilitySchema = z.object({
  providers: z.array(verdictSchema.extend({ provider: trainingProviderSchema, label: z.string() })),
})
export type DatasetCompatibility = z.infer<typeof compatibilitySchema>['providers'][number]

export function getDatasetCompatibility(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}/compatibility`, answer: compatibilitySchema, signal })
}
