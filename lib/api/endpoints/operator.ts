import { z } from 'zod'
import { rotateSecrets } from '#lib/secrets/rotate-secrets.ts'
import { rotationSchema } from '#lib/secrets/secret.types.ts'
import { doctorEventSchema, doctorOptionsSchema } from '#lib/training/doctor/doctor.types.ts'
import { doctorStream } from '../doctor-stream.ts'
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

export const postDoctor = endpoint({
  id: 'examineStores',
  method: 'POST',
  path: '/api/operator/doctor',
  summary: 'Compare the datasets with what the stores hold; answers lines of JSON as it goes',
  access: 'operator',
  body: doctorOptionsSchema,
  answer: doctorEventSchema,
  handle: async ({ services, body, signal }) => doctorStream(services, body, signal),
})
