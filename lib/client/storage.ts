import { z } from 'zod'
import { storageOptionSchema } from '#lib/training/dataset.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const storageOptionsSchema = z.object({ options: z.array(storageOptionSchema) })

/** Every store there is, with why one cannot be used and where to change that. */
export function listStorageOptions(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/storage/options', answer: storageOptionsSchema, signal })
}
