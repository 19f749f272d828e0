import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { StorageOption } from '#lib/training/dataset.types.ts'

export async function listStorageOptions(
  { stores, storageAccess, settings }: Pick<Services, 'stores' | 'storageAccess' | 'settings'>,
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
      fix_url: missing ? storageCatalog[provider].setupPage : null,
      is_default: provider === stores.defaultProvider,
      is_artifact_default: provider === settings.ARTIFACT_STORAGE_PROVIDER,
    }
  })
  return { options }
}
