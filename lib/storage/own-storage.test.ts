import { expect, test } from 'vitest'
import { withOwnStorage } from './own-storage.ts'
import type { StorageAccess } from './storage-registry.ts'

const ada = { id: crypto.randomUUID(), email: 'ada@example.org', name: 'Ada' }
const services = {
  storageAccess: async (_userId: string): Promise<StorageAccess> => ({ aws: null }),
  other: 1,
}
const tokenFor = (seconds: number) => ({
  token: 'token of Ada',
  expiresAt: new Date(Date.now() + seconds * 1000),
  sessionId: null,
})

test('a caller’s own access token is shown to the store for the caller’s own objects alone', async () => {
  const own = withOwnStorage(services, { user: ada, accessToken: tokenFor(3600) })
  expect(own.other).toBe(1)
  expect((await own.storageAccess(ada.id)).supabaseToken?.()).toBe('token of Ada')
  expect((await own.storageAccess(crypto.randomUUID())).supabaseToken).toBeUndefined()
})

test('a token that is about to end is not shown any more', async () => {
  const own = withOwnStorage(services, { user: ada, accessToken: tokenFor(5) })
  expect((await own.storageAccess(ada.id)).supabaseToken?.()).toBeNull()
})

test('without a token the services are the deployment’s', () => {
  expect(withOwnStorage(services, { user: ada })).toBe(services)
})
