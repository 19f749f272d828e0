import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { StorageOption } from '#lib/training/dataset.types.ts'

/** Where a person sets up what a store lacks. */
const setupPages = {
  supabase: '/settings/storage',
  s3: '/settings/secrets',
  local: null,
} as const satisfies Record<StorageProvider, string | null>

export async function listStorageOptions(
  { stores, storageAccess }: Pick<Services, 'stores' | 'storageAccess'>,
  user: User,
): Promise<{ options: StorageOption[] }> {
  const access = await storageAccess(user.id)
  const options = storageProviders.map((provider) => {
    const missing = stores.unavailable(provider, access)
    return {
      provider,
      label: storageCatalog[provider].labels.option,
      available: missing === null,
      reason: missing ? [missing.message, missing.details].filter(Boolean).join('. ') : null,
      fix_url: missing ? setupPages[provider] : null,
      is_default: provider === stores.defaultProvider,
    }
  })
  return { options }
}
