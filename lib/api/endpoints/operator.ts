import { z } from 'zod'
import { rotateSecrets } from '#lib/secrets/rotate-secrets.ts'
import { rotationSchema } from '#lib/secrets/secret.types.ts'
import { endpoint } from '../endpoint.ts'

/** For the maintenance commands, when this process holds the embedded database and they cannot open it themselves. */
export const postRotation = endpoint({
  id: 'rotateSecrets',
  method: 'POST',
  path: '/api/operator/secrets/rotate',
  summary: 'Seal every secret with the newest key',
  access: 'operator',
  body: z.object({ new_key: z.boolean().default(false) }),
  answer: rotationSchema,
  handle: ({ services, body }) => rotateSecrets(services, { newKey: body.new_key }),
})
