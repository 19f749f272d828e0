import type { HoldFile } from '#lib/ingest/parquet/held-file.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'

/** Beside the dataset's object, for as long as ingest reads it. */
const heldKeyOf = (storagePath: string): string => `${storagePath}.source`

/** A file that can only be read from its end lies in the store that its dataset goes to, and leaves it at once. */
export function holdInStore(store: StorageService, storagePath: string, signal: AbortSignal): HoldFile {
  return async (bytes) => {
    const key = heldKeyOf(storagePath)
    const { sizeBytes } = await store.put(key, bytes, { signal, contentType: 'application/octet-stream' })
    return {
      sizeBytes,
      read: async (start, end) => collected(await store.getRange(key, { start, end: end - 1 }, { signal })),
      // Not stopped by the signal: an upload that was cancelled leaves nothing either.
      release: async () => void (await store.delete(key)),
    }
  }
}

async function collected(range: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of range) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What a process that died while it read may have left. */
export async function removeHeld(store: StorageService, storagePath: string): Promise<void> {
  await store.delete(heldKeyOf(storagePath))
}
