import {
  type SecretInput,
  type SecretProvider,
  secretDeletedSchema,
  secretListSchema,
  secretSchema,
  secretTestSchema,
} from '#lib/secrets/secret.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

const root = '/api/secrets'

export function listSecrets(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: root, answer: secretListSchema, signal })
}

/**
 * Puts a key in, or in the place of the one there is; without `api_key` that one stays. 409 `secret_in_use`, with
 * `needed_by` in its body, while jobs live that the new one may not reach and that was not confirmed.
 */
export function saveSecret(
  api: ApiConnection,
  provider: SecretProvider,
  input: SecretInput,
  { confirm = false } = {},
) {
  return callApi(api, {
    method: 'PUT',
    path: `${root}/${provider}`,
    query: confirm ? { confirm } : {},
    json: input,
    answer: secretSchema,
  })
}

/** 409 `secret_in_use`, with `needed_by` in its body, while something needs it and that was not confirmed. */
export function deleteSecret(api: ApiConnection, provider: SecretProvider, confirm: boolean) {
  return callApi(api, {
    method: 'DELETE',
    path: `${root}/${provider}`,
    query: confirm ? { confirm: true } : {},
    answer: secretDeletedSchema,
  })
}

/** Takes seconds: each step asks the provider, and S3 is tried on scratch objects. */
export function testSecret(api: ApiConnection, provider: SecretProvider, signal?: AbortSignal) {
  return callApi(api, {
    method: 'POST',
    path: `${root}/${provider}/test`,
    answer: secretTestSchema,
    signal,
  })
}
