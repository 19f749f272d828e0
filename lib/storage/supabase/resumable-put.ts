import type { HttpResponse } from 'tus-js-client'
import { isAppError } from '#lib/errors/app-error.ts'
import {
  ByteQueue,
  type PutCheckpoint,
  type ResumablePut,
  type ResumablePuts,
  uploadSessionLost,
} from '../resumable-put.ts'
import { withRetries } from '../retries.ts'
import type { ObjectInfo, PutOptions } from '../storage-service.ts'
import { supabaseAnswerError, supabaseError } from './errors.ts'
import { supabaseChunkBytes as chunkBytes, wordsOf } from './resumable-upload.ts'
import { tusHttpStack } from './tus-http-stack.ts'

export interface SupabaseResumableOptions {
  /** `<project>/storage/v1/upload/resumable` */
  endpoint: string
  headers: () => Promise<Record<string, string>>
  bucket: string
  retryDelays: readonly number[]
  /** With the put's own id among its metadata. */
  info(key: string): Promise<ObjectInfo | null>
  /** One request, for what fits a chunk. */
  upload(
    key: string,
    bytes: Uint8Array,
    options: { contentType: string; metadata: Record<string, string> },
  ): Promise<void>
}

interface Handle {
  putId: string
  /** Null while nothing fills a chunk: a small object becomes one request at the end. */
  url: string | null
}

export const putIdField = 'put-id'

/**
 * A TUS upload of unknown length in Supabase's chunks. One byte at least is held back, because the length is said with
 * the last bytes. The service keeps unfinished uploads for as long as the project says: an hour to a day.
 */
export function supabaseResumablePuts(store: SupabaseResumableOptions): ResumablePuts {
  const handleOf = ({ handle }: PutCheckpoint) => handle as unknown as Handle
  return {
    begin: async (key, options = {}) =>
      new SupabaseResumablePut(store, key, options, {
        handle: { putId: crypto.randomUUID(), url: null },
        storedBytes: 0,
        serverBytes: 0,
        committedBytes: null,
      }),

    async resume(key, checkpoint, options = {}) {
      const handle = handleOf(checkpoint)
      const found = await store.info(key)
      const committedBytes = found?.metadata[putIdField] === handle.putId ? found.sizeBytes : null
      const { storedBytes } = checkpoint
      const serverBytes =
        committedBytes !== null || !handle.url ? storedBytes : await offsetOf(store, handle.url)
      if (serverBytes < storedBytes)
        throw uploadSessionLost(`It has ${serverBytes} bytes in place of ${storedBytes}.`)
      const standing = { handle, storedBytes, serverBytes, committedBytes }
      const put = new SupabaseResumablePut(store, key, options, standing)
      await put.append(checkpoint.tail)
      return put
    },

    async abort(_, checkpoint) {
      const { url } = handleOf(checkpoint)
      if (url) await terminate(store, url)
    },
  }
}

interface Standing {
  handle: Handle
  storedBytes: number
  /** What the service has: more than `storedBytes` when a process died before it took note. Those are sent no more. */
  serverBytes: number
  /** Size of the object, when the put was committed before: bytes are then only counted. */
  committedBytes: number | null
}

class SupabaseResumablePut implements ResumablePut {
  readonly #queue = new ByteQueue()
  readonly #store: SupabaseResumableOptions
  readonly #key: string
  readonly #options: PutOptions
  readonly #handle: Handle
  readonly #committedBytes: number | null
  #appendedBytes: number
  #serverBytes: number
  #sending: Promise<void> = Promise.resolve()

  constructor(store: SupabaseResumableOptions, key: string, options: PutOptions, standing: Standing) {
    this.#store = store
    this.#key = key
    this.#options = options
    this.#handle = standing.handle
    this.#committedBytes = standing.committedBytes
    this.#appendedBytes = standing.storedBytes
    this.#serverBytes = standing.serverBytes
  }

  get tailBytes(): number {
    return this.#queue.length
  }

  async append(bytes: Uint8Array): Promise<void> {
    const known = Math.max(0, this.#serverBytes - this.#appendedBytes)
    this.#appendedBytes += bytes.length
    if (this.#committedBytes !== null) return
    await this.#sending
    const unknown = bytes.subarray(Math.min(known, bytes.length))
    if (unknown.length > 0) this.#queue.push(unknown)
    while (this.#queue.length > chunkBytes) {
      await this.#sending
      this.#sending = this.#send(this.#queue.take(chunkBytes))
      // Seen at the next chunk, checkpoint or commit.
      this.#sending.catch(() => {})
    }
  }

  async checkpoint(): Promise<PutCheckpoint> {
    await this.#sending
    const tail = this.#queue.copy()
    return { storedBytes: this.#appendedBytes - tail.length, tail, handle: { ...this.#handle } }
  }

  async commit(): Promise<void> {
    await this.#sending
    if (this.#committedBytes !== null) return this.#checkCommitted(this.#committedBytes)
    try {
      if (this.#handle.url) await this.#send(this.#queue.take(this.#queue.length), this.#appendedBytes)
      else await this.#store.upload(this.#key, this.#queue.copy(), this.#headers())
    } catch (error) {
      // The answer may be lost while the object is there.
      const found = await this.#store.info(this.#key).catch(() => null)
      if (found?.metadata[putIdField] !== this.#handle.putId) throw error
      this.#checkCommitted(found.sizeBytes)
    }
  }

  async abort(): Promise<void> {
    await this.#sending.catch(() => {})
    if (this.#handle.url && this.#committedBytes === null) await terminate(this.#store, this.#handle.url)
  }

  async release(): Promise<void> {
    await this.#sending.catch(() => {})
  }

  /** Sends one chunk, or after a failure what of it has not arrived. */
  async #send(chunk: Uint8Array, totalBytes?: number): Promise<void> {
    this.#handle.url ??= await this.#create()
    const { url } = this.#handle
    const start = this.#serverBytes
    let sent = 0
    let first = true
    await withRetries(
      async () => {
        if (!first) sent = (await offsetOf(this.#store, url)) - start
        first = false
        if (sent < 0 || sent > chunk.length) throw uploadSessionLost(`It stands at byte ${start + sent}.`)
        const length: Record<string, string> =
          totalBytes === undefined ? {} : { 'Upload-Length': String(totalBytes) }
        const headers = {
          'Upload-Offset': String(start + sent),
          'Content-Type': 'application/offset+octet-stream',
          ...length,
        }
        await request(this.#store, 'PATCH', url, headers, chunk.subarray(sent))
      },
      { delays: this.#store.retryDelays, signal: this.#options.signal },
    )
    this.#serverBytes = start + chunk.length
  }

  async #create(): Promise<string> {
    const { contentType, metadata } = this.#headers()
    const fields = {
      bucketName: this.#store.bucket,
      objectName: this.#key,
      contentType,
      cacheControl: '3600',
      metadata: JSON.stringify(metadata),
    }
    const headers = {
      'Upload-Defer-Length': '1',
      'x-upsert': 'true',
      'Upload-Metadata': Object.entries(fields)
        .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
        .join(','),
    }
    const created = await withRetries(() => request(this.#store, 'POST', this.#store.endpoint, headers), {
      delays: this.#store.retryDelays,
      signal: this.#options.signal,
    })
    return new URL(created.getHeader('location') ?? '', this.#store.endpoint).href
  }

  #headers() {
    const { contentType = 'application/octet-stream', metadata } = this.#options
    return { contentType, metadata: { ...metadata, [putIdField]: this.#handle.putId } }
  }

  #checkCommitted(sizeBytes: number): void {
    if (sizeBytes !== this.#appendedBytes)
      throw uploadSessionLost('Another object has taken the place of this one.')
  }
}

function offsetOf(store: SupabaseResumableOptions, url: string): Promise<number> {
  return withRetries(
    async () => Number((await request(store, 'HEAD', url, {})).getHeader('upload-offset') ?? Number.NaN),
    { delays: store.retryDelays },
  )
}

async function terminate(store: SupabaseResumableOptions, url: string): Promise<void> {
  try {
    await withRetries(() => request(store, 'DELETE', url, {}), { delays: store.retryDelays })
  } catch (error) {
    if (!isAppError(error) || error.code !== 'upload_session_lost') throw error
  }
}

async function request(
  store: SupabaseResumableOptions,
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Promise<HttpResponse> {
  const sending = tusHttpStack.createRequest(method, url)
  const all = { 'Tus-Resumable': '1.0.0', ...(await store.headers()), ...headers }
  for (const [name, value] of Object.entries(all)) sending.setHeader(name, value)
  const answer = await sending.send((body ?? null) as never).catch((error: unknown) => {
    throw supabaseError(error)
  })
  const status = answer.getStatus()
  if (status >= 200 && status < 300) return answer
  const gone = (status === 404 || status === 410) && method !== 'POST'
  if (gone) throw uploadSessionLost(`Supabase answers ${status}.`)
  throw supabaseAnswerError({ status, ...wordsOf(answer, sending) }, undefined)
}
