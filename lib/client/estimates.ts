import type { z } from 'zod'
import { type estimateRequestSchema, estimateSchema } from '#lib/training/cost/estimate.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

export type EstimateInput = z.input<typeof estimateRequestSchema>

/** What a training would take; starts nothing. */
export function estimateTraining(api: ApiConnection, input: EstimateInput, signal?: AbortSignal) {
  return callApi(api, {
    method: 'POST',
    path: '/api/training/estimate',
    json: input,
    answer: estimateSchema,
    signal,
  })
}
