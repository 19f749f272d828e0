import { rotationSchema } from '#lib/secrets/secret.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

export function rotateSecretsThere(api: ApiConnection, { newKey }: { newKey: boolean }) {
  return callApi(api, {
    method: 'POST',
    path: '/api/operator/secrets/rotate',
    json: { new_key: newKey },
    answer: rotationSchema,
  })
}
