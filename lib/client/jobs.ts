import type { z } from 'zod'
import { offersSchema, providerStatesSchema } from '#lib/training/compatibility.types.ts'
import {
  type deployBaseSchema,
  deployResultSchema,
  type jobListQuerySchema,
  jobListSchema,
  jobSchema,
} from '#lib/training/job.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const root = '/api/training/jobs'

/** Where a training can run, and what each place lacks. */
export function listTrainingProviders(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/training/providers', answer: providerStatesSchema, signal })
}

/** Machines to choose from at a provider, cheapest first, with where the prices are from. */
export function listOffers(api: ApiConnection, provider: TrainingProvider, signal?: AbortSignal) {
  return callApi(api, { path: `/api/training/providers/${provider}/offers`, answer: offersSchema, signal })
}

export type DeployInput = z.input<typeof deployBaseSchema> & Record<string, unknown>

/** With the same `idempotencyKey` a repeated call starts nothing twice. */
export function deployTraining(
  api: ApiConnection,
  provider: TrainingProvider,
  input: DeployInput,
  options: { idempotencyKey?: string } = {},
) {
  return callApi(api, {
    method: 'POST',
    path: `/api/training/deploy/${provider}`,
    json: input,
    headers: options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {},
    answer: deployResultSchema,
  })
}

export type JobListQuery = Partial<z.input<typeof jobListQuerySchema>>

export function listJobs(api: ApiConnection, query: JobListQuery = {}, signal?: AbortSignal) {
  const { status, provider, cursor } = query
  const limit = query.limit === undefined ? undefined : Number(query.limit)
  return callApi(api, {
    path: root,
    query: { status, provider, limit, cursor },
    answer: jobListSchema,
    signal,
  })
}

export function getJob(api: ApiConnection, id: string, signal?: AbortSignal) {
  return callApi(api, { path: `${root}/${id}`, answer: jobSchema, signal })
}

export function cancelJob(api: ApiConnection, id: string) {
  return callApi(api, { method: 'POST', path: `${root}/${id}/cancel`, json: {}, answer: jobSchema })
}
