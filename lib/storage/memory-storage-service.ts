import { createLocalLink } from './local/link.ts'
import { memoryResumablePuts } from './memory/resumable-put.ts'
import { objectNotFound, rangeBeyondEnd } from './storage-errors.ts'
import { type StorageAdapter, storageFacade } from './storage-facade.ts'
import type { ObserveStorage } from './storage-observation.ts'
import type { StorageService } from './storage-service.ts'

interface HeldObject {
  bytes: Uint8Array
  contentType: string | null
  lastModified: Date
  metadata: Readonly<Record<string, string>>
}

type PublishOptions = { contentType?: string | null; metadata?: Readonly<Record<string, string>> }

export interface MemoryStorageOptions {
  signingKey?: Uint8Array
  baseUrl?: () => string
  observe?: ObserveStorage
}

/** The contract in its plainest form, for tests: links are signed as the local store signs them. */
export function createMemoryStorageService(options: MemoryStorageOptions = {}): StorageService {
  const objects = new Map<string, HeldObject>()
  const signingKey = options.signingKey ?? crypto.getRandomValues(new Uint8Array(32))
  const baseUrl = options.baseUrl ?? (() => 'http://memory.invalid')

  const publish = (key: string, bytes: Uint8Array, { contentType = null, metadata }: PublishOptions) =>
    void objects.set(key, { bytes, contentType, lastModified: new Date(), metadata: { ...metadata } })

  const adapter: StorageAdapter = {
    capabilities: {
      signedUrlToken: 'local-signed',
      servesRemoteReaders: false,
      hasS3Uri: false,
      objectBytesMax: null,
      resumesPuts: true,
    },
    location: { bucket: null, region: null, endpoint: null },

    async put(key, source, { contentType, metadata, signal }) {
      const chunks: Uint8Array[] = []
      for await (const chunk of source) chunks.push(chunk)
      signal?.throwIfAborted()
      publish(key, Buffer.concat(chunks), { contentType, metadata })
    },

    async head(key) {
      const held = objects.get(key)
      if (!held) return null
      const { bytes, ...info } = held
      return { sizeBytes: bytes.byteLength, ...info }
    },

    async getRange(key, range) {
      const held = objects.get(key)
      if (!held) throw objectNotFound()
      if (!range) return chunksOf(held.bytes)
      if (range.start >= held.bytes.byteLength) {
        throw rangeBeyondEnd()
      }
      const end = range.end === undefined ? undefined : range.end + 1
      return chunksOf(held.bytes.subarray(range.start, end))
    },

    signDownload: async (key, { expiresSeconds }) =>
      createLocalLink({ key, expiresSeconds, signingKey, baseUrl: baseUrl() }),

    delete: async (key) => ({ removed: objects.delete(key) }),

    async *list(prefix) {
      for (const [key, { bytes, lastModified }] of objects) {
        if (key.startsWith(prefix)) yield { key, sizeBytes: bytes.byteLength, lastModified }
      }
    },

    resumable: memoryResumablePuts(publish),

    probe: async () => {},
  }
  return storageFacade('memory', adapter, options.observe)
}

const chunkBytes = 64 * 1024

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}
