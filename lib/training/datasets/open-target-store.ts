import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'

/** The store that a new dataset goes to, or the reason why this user cannot put anything there. */
export async function openTargetStore(
  { stores, storageAccess }: Pick<Services, 'stores' | 'storageAccess'>,
  user: Pick<User, 'id'>,
  chosen: StorageProvider | undefined,
): Promise<{ provider: StorageProvider; store: StorageService }> {
  const provider = chosen ?? stores.defaultProvider
  const access = await storageAccess(user.id)
  const missing = stores.unavailable(provider, access)
  if (missing) throw missing
  return { provider, store: stores.open(provider, access) }
}
