import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'

/** Where a path says that an object is, as far as it says. */
export interface NamedObject {
  key: string
  bucket: string | null
  /** Null where it may be in any store. */
  provider: StorageProvider | null
}

/**
 * Reads a path as earlier installations wrote it: a key, with or without a slash in front, or a whole address that one of
 * the stores knows as its own. Null where it names no object.
 */
export function readLegacyPath(path: string): NamedObject | null {
  const text = path.trim()
  for (const provider of storageProviders) {
    const address = storageCatalog[provider].readAddress(text)
    if (address) return named(address.key, address.bucket, provider)
  }
  return text.includes('://') ? null : named(text, null, null)
}

function named(path: string, bucket: string | null, provider: StorageProvider | null): NamedObject | null {
  const key = path.replace(/^\/+/, '').replace(/\/{2,}/g, '/')
  return key === '' || key.endsWith('/') ? null : { key, bucket, provider }
}
