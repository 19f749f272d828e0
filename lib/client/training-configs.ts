import { z } from 'zod'
import {
  type TrainingConfigInput,
  type trainingConfigPatchSchema,
  trainingConfigSchema,
} from '#lib/training/training-config.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const root = '/api/training/config'

const configListSchema = z.object({ configs: z.array(trainingConfigSchema) })

export function listTrainingConfigs(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: root, answer: configListSchema, signal })
}

export function getTrainingConfig(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}`, answer: trainingConfigSchema, signal })
}

export function createTrainingConfig(api: ApiConnection, input: TrainingConfigInput) {
  return callApi(api, { method: 'POST', path: root, json: input, answer: trainingConfigSchema })
}

export function updateTrainingConfig(
  api: ApiConnection,
  id: string,
  patch: z.input<typeof trainingConfigPatchSchema>,
) {
  return callApi(api, { method: 'PATCH', path: `${root}/${id}`, json: patch, answer: trainingConfigSchema })
}

export async function deleteTrainingConfig(api: ApiConnection, id: string) {
  await callApi(api, { method: 'DELETE', path: `${root}/${id}`, answer: z.unknown() })
}
