import { z } from 'zod'
import { deleteSecret } from '#lib/secrets/delete-secret.ts'
import { listSecrets } from '#lib/secrets/list-secrets.ts'
import { saveSecret } from '#lib/secrets/save-secret.ts'
import {
  secretDeletedSchema,
  secretInputSchema,
  secretListSchema,
  secretProviderSchema,
  secretSchema,
  secretTestSchema,
} from '#lib/secrets/secret.types.ts'
import { testSecret } from '#lib/secrets/test-secret.ts'
import { endpoint } from '../endpoint.ts'

/** Exact names: whatever else stands in the path, `%` included, is a provider that there is not. */
const providerParams = z.object({ provider: secretProviderSchema })
const confirmQuery = z.object({ confirm: z.stringbool().default(false) })

export const getSecrets = endpoint({
  id: 'listSecrets',
  method: 'GET',
  path: '/api/secrets',
  summary: 'Keys to other services: names, previews and what needs them, never the keys',
  access: 'user',
  answer: secretListSchema,
  handle: ({ services, user }) => listSecrets(services, user),
})

export const putSecret = endpoint({
  id: 'saveSecret',
  method: 'PUT',
  path: '/api/secrets/{provider}',
  summary:
    'Put in a key, or replace the one there is; without api_key the key stays and the rest is changed. Another key or region while jobs live is refused with 409 until confirm=true is sent',
  access: 'user',
  params: providerParams,
  query: confirmQuery,
  body: secretInputSchema,
  answer: secretSchema,
  handle: ({ services, user, params, query, body }) =>
    saveSecret(services, user, { provider: params.provider, input: body, confirmed: query.confirm }),
})

export const removeSecret = endpoint({
  id: 'deleteSecret',
  method: 'DELETE',
  path: '/api/secrets/{provider}',
  summary: 'Delete a key; what still needs it is listed with 409 until confirm=true is sent',
  access: 'user',
  params: providerParams,
  query: confirmQuery,
  answer: secretDeletedSchema,
  handle: ({ services, user, params, query }) => deleteSecret(services, user, params.provider, query.confirm),
})

const testsPerMinute = 20

export const postSecretTest = endpoint({
  id: 'testSecret',
  method: 'POST',
  path: '/api/secrets/{provider}/test',
  summary: 'Try a key at its provider, step by step, with what to do about what fails',
  access: 'user',
  params: providerParams,
  answer: secretTestSchema,
  perMinute: () => testsPerMinute,
  handle: ({ services, user, params, signal }) => testSecret(services, user, params.provider, signal),
})
