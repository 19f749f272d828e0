import { StorageClient } from '@supabase/storage-js'
import { denied, isAppError } from '#lib/errors/app-error.ts'
import { chunksOf } from './chunks-of.ts'
import { defaultRetryDelays, withRetries } from './retries.ts'
import { storageCatalog } from './storage-catalog.ts'
import { type StorageAdapter, storageFacade } from './storage-facade.ts'
import type { ObserveStorage } from './storage-observation.ts'
import type { ListedObject, ObjectInfo, PutOptions, StorageService } from './storage-service.ts'
import { supabaseError } from './supabase/errors.ts'
import { putIdField, supabaseResumablePuts } from './supabase/resumable-put.ts'
import { supabaseChunkBytes, uploadResumably } from './supabase/resumable-upload.ts'

export interface SupabaseStorageOptions {
  /** Address of the project, without `/storage/v1`. */
  url: string
  /** Public key of the project, for its gateway. */
  apiKey: string
  /** Who calls: the service key, or the user's own access token, so that policies hold. Asked before each request. */
  token: () => Promise<string>
  /** Users may not look at buckets, so only the service can say that one is missing. */
  actsAs: 'service' | 'user'
  bucket?: string
  /** Milliseconds before each repetition of a call that failed for the moment. */
  retryDelays?: readonly number[]
  observe?: ObserveStorage
}

export const supabaseBucket = storageCatalog.supabase.bucketOfUsers

const listPageSize = 1000

/** Supabase Storage: one request for what fits a chunk, the resumable endpoint for more. */
export function createSupabaseStorageService(options: SupabaseStorageOptions): StorageService {
  return storageFacade('supabase', supabaseAdapter(options), options.observe)
}

function supabaseAdapter(options: SupabaseStorageOptions): StorageAdapter {
  const { bucket = supabaseBucket, retryDelays: delays = defaultRetryDelays } = options
  const base = `${options.url.replace(/\/+$/, '')}/storage/v1`

  const headers = () => supabaseHeaders(options)

  /** storage-js takes a signal in few of its calls and a token only once; its `fetch` is where both go in. */
  const client = (signal?: AbortSignal, extra: Record<string, string> = {}) =>
    new StorageClient(base, {}, async (input, init) => {
      const merged = new Headers(init?.headers)
      for (const [name, value] of Object.entries({ ...(await headers()), ...extra })) merged.set(name, value)
      return fetch(input, { ...init, headers: merged, signal })
    })
  const files = (signal?: AbortSignal, extra?: Record<string, string>) => client(signal, extra).from(bucket)

  async function ask<T>(
    call: () => PromiseLike<{ data: T; error: unknown }>,
    signal?: AbortSignal,
  ): Promise<NonNullable<T>> {
    return withRetries(
      async () => {
        const { data, error } = await call().then(
          (answer) => answer,
          (thrown: unknown) => ({ data: null, error: thrown }),
        )
        if (error) throw supabaseError(error)
        return data as NonNullable<T>
      },
      { delays, signal },
    )
  }

  async function info(key: string, signal?: AbortSignal): Promise<ObjectInfo | null> {
    try {
      const found = await ask(() => files(signal).info(pathOf(key)), signal)
      return {
        sizeBytes: found.size ?? 0,
        contentType: found.contentType ?? null,
        lastModified: dateOrNull(found.lastModified ?? found.createdAt),
        metadata: kebabKeys((found.metadata ?? {}) as Record<string, unknown>),
      }
    } catch (error) {
      if (isAppError(error) && error.code === 'object_not_found') return null
      throw error
    }
  }

  async function putSmall(
    key: string,
    body: Uint8Array,
    { contentType, metadata }: { contentType: string; metadata: Record<string, string> },
  ): Promise<void> {
    await ask(() => files().upload(pathOf(key), body, { upsert: true, contentType, metadata }))
  }

  async function send(
    key: string,
    source: AsyncIterable<Uint8Array>,
    sending: PutOptions & { contentType: string; metadata: Record<string, string> },
  ): Promise<void> {
    const spare: Buffer<ArrayBuffer>[] = []
    const chunks = chunksOf(source, supabaseChunkBytes, spare)
    const first = await chunks.next()
    const second = first.done ? first : await chunks.next()
    if (second.done) {
      sending.signal?.throwIfAborted()
      // Not cut off by the signal: once it is on its way, nobody could tell whether it arrived.
      await putSmall(key, first.value ?? Buffer.alloc(0), sending)
      return
    }
    await uploadResumably({
      endpoint: `${base}/upload/resumable`,
      headers,
      bucket,
      key,
      chunks: rejoined([first.value as Buffer<ArrayBuffer>, second.value], chunks),
      spare,
      contentType: sending.contentType,
      metadata: sending.metadata,
      retryDelays: delays,
      signal: sending.signal,
    })
  }

  return {
    capabilities: storageCatalog.supabase.capabilities,
    location: { bucket, region: null, endpoint: options.url },

    async put(key, source, { contentType = 'application/octet-stream', metadata, signal }) {
      const putId = crypto.randomUUID()
      let sentWhole = false
      try {
        const watched = toldAtEnd(source, () => {
          sentWhole = true
        })
        await send(key, watched, { contentType, metadata: { ...metadata, [putIdField]: putId }, signal })
      } catch (error) {
        // The last answer may be lost while the object is there.
        const stored = sentWhole ? await info(key).catch(() => null) : null
        if (stored?.metadata[putIdField] !== putId) throw error
      }
    },

    resumable: supabaseResumablePuts({
      endpoint: `${base}/upload/resumable`,
      headers,
      bucket,
      retryDelays: delays,
      info,
      upload: putSmall,
    }),

    async head(key, { signal } = {}) {
      const found = await info(key, signal)
      if (!found) return null
      const { [putIdField]: _, ...metadata } = found.metadata
      return { ...found, metadata }
    },

    async getRange(key, range, { signal } = {}) {
      const extra: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {}
      const stream = await ask(() => files(signal, extra).download(pathOf(key)).asStream(), signal)
      return stream as AsyncIterable<Uint8Array>
    },

    async signDownload(key, { expiresSeconds, downloadName, signal }) {
      const download = downloadName ? { download: downloadName } : {}
      const expires = Math.floor(Date.now() / 1000) + expiresSeconds
      const { signedUrl } = await ask(
        () => files(signal).createSignedUrl(pathOf(key), expiresSeconds, download),
        signal,
      )
      return { url: signedUrl, expiresAt: new Date(expires * 1000) }
    },

    async delete(key, { signal } = {}) {
      const removed = await ask(() => files(signal).remove([key]), signal)
      if (removed.length > 0) return { removed: true }
      // A policy that forbids a removal answers like an object that is not there.
      if (await info(key, signal)) {
        throw denied('storage_denied', 'The policies of the bucket do not allow this', 'Nothing was removed.')
      }
      return { removed: false }
    },

    async *list(prefix, { signal } = {}): AsyncGenerator<ListedObject> {
      const folders = [prefix]
      for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
        for (let offset = 0; ; offset += listPageSize) {
          const page = await ask(
            () => files(signal).list(folder!.replace(/\/$/, ''), { limit: listPageSize, offset }),
            signal,
          )
          for (const { id, name, metadata, updated_at } of page) {
            const key = `${folder}${name}`
            // Folders are not things of their own: they have no id.
            if (id === null) folders.push(`${key}/`)
            else yield { key, sizeBytes: Number(metadata?.size ?? 0), lastModified: dateOrNull(updated_at) }
          }
          if (page.length < listPageSize) break
        }
      }
    },

    async probe({ signal } = {}) {
      if (options.actsAs === 'service') await ask(() => client(signal).getBucket(bucket), signal)
      await ask(() => files(signal).list('', { limit: 1 }), signal)
    },
  }
}

/** Newer service keys are no JWTs, but opaque: they are the API key of the gateway, which knows the role behind it. */
export async function supabaseHeaders({
  apiKey,
  token,
}: Pick<SupabaseStorageOptions, 'apiKey' | 'token'>): Promise<Record<string, string>> {
  const key = await token()
  return key.startsWith('sb_secret_') ? { apikey: key } : { apikey: apiKey, authorization: `Bearer ${key}` }
}

/** storage-js puts the key into the address as it is, `?`, `#` and `%` too. */
function pathOf(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

async function* toldAtEnd(source: AsyncIterable<Uint8Array>, tell: () => void): AsyncGenerator<Uint8Array> {
  yield* source
  tell()
}

async function* rejoined<T>(first: T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  // Let go one by one, so that each can be freed once it is sent.
  for (let chunk = first.shift(); chunk; chunk = first.shift()) yield chunk
  yield* rest
}

/** storage-js turns `user-id` into `userId` on its way back. */
function kebabKeys(metadata: Record<string, unknown>): Record<string, string> {
  const named = Object.entries(metadata).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    String(value),
  ])
  return Object.fromEntries(named)
}

function dateOrNull(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null
}
