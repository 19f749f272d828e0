import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { StorageProvider } from './storage-provider.types.ts'
import type { StoreReport } from './storage-registry.ts'

/** Tries a store as it is set up for this user now, on scratch objects that are removed again. */
export async function testStorage(
  { stores, storageAccess }: Pick<Services, 'stores' | 'storageAccess'>,
  user: User,
  provider: StorageProvider,
  signal: AbortSignal,
): Promise<Pick<StoreReport, 'ok' | 'steps' | 'advice'>> {
  const access = await storageAccess(user.id)
  const { ok, steps, advice } = await stores.examine(provider, access, { userId: user.id, signal })
  return { ok, steps, advice }
}
