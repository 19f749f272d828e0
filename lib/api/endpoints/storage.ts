import { z } from 'zod'
import { secretTestSchema } from '#lib/secrets/secret.types.ts'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'
import { testStorage } from '#lib/storage/test-storage.ts'
import { endpoint } from '../endpoint.ts'

const testsPerMinute = 20

export const postStorageTest = endpoint({
  id: 'testStorage',
  method: 'POST',
  path: '/api/storage/{provider}/test',
  summary: 'Try a store step by step on scratch objects, with what to do about what fails',
  access: 'user',
  params: z.object({ provider: storageProviderSchema }),
  answer: secretTestSchema,
  perMinute: () => testsPerMinute,
  handle: ({ services, user, params, signal }) => testStorage(services, user, params.provider, signal),
})
