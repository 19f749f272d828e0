import { z } from 'zod'
import { secretTestSchema } from '#lib/secrets/secret.types.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import { storageOptionSchema } from '#lib/training/dataset.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const storageOptionsSchema = z.object({ options: z.array(storageOptionSchema) })

/** Every store there is, with why one cannot be used and where to change that. */
export function listStorageOptions(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/storage/options', answer: storageOptionsSchema, signal })
}

/** Tries a store on scratch objects, as it is set up for whoever asks. */
export function testStorage(api: ApiConnection, provider: StorageProvider) {
  return callApi(api, { method: 'POST', path: `/api/storage/${provider}/test`, answer: secretTestSchema })
}
