import { DetailedError, type HttpRequest, type HttpResponse, Upload } from 'tus-js-client'
import { networkError, storageAborted } from '../storage-errors.ts'
import { sessionLost, supabaseAnswerError } from './errors.ts'
import { TusChunkSource } from './tus-chunk-source.ts'
import { tusHttpStack } from './tus-http-stack.ts'

/** Supabase takes no other size: https://supabase.com/docs/guides/storage/uploads/resumable-uploads */
export const supabaseChunkBytes = 6 * 1024 * 1024

export interface ResumableUpload {
  /** `<project>/storage/v1/upload/resumable` */
  endpoint: string
  /** Headers of each request, asked for anew, since a token may expire while an upload lasts. */
  headers: () => Promise<Record<string, string>>
  bucket: string
  key: string
  /** Chunks of `supabaseChunkBytes`, the last one shorter. */
  chunks: AsyncIterator<Buffer<ArrayBuffer>>
  /** Where chunks go that the server has. */
  spare: Buffer<ArrayBuffer>[]
  contentType: string
  metadata: Readonly<Record<string, string>>
  retryDelays: readonly number[]
  signal: AbortSignal | undefined
}

/**
 * Sends a stream of unknown length through Supabase's TUS endpoint, one chunk a request. What breaks is resumed where
 * the server stands; a session that the server forgot is an error. When it rejects, the session is removed.
 */
export async function uploadResumably(options: ResumableUpload): Promise<void> {
  const { signal } = options
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let lost: unknown = null

  const upload = new Upload(new Blob(), {
    endpoint: options.endpoint,
    chunkSize: supabaseChunkBytes,
    uploadLengthDeferred: true,
    retryDelays: [...options.retryDelays],
    storeFingerprintForResuming: false,
    removeFingerprintOnSuccess: true,
    httpStack: tusHttpStack,
    fingerprint: async () => '',
    fileReader: { openFile: async () => new TusChunkSource(options.chunks, options.spare) },
    headers: { 'x-upsert': 'true' },
    metadata: {
      bucketName: options.bucket,
      objectName: options.key,
      contentType: options.contentType,
      cacheControl: '3600',
      metadata: JSON.stringify(options.metadata),
    },
    async onBeforeRequest(request) {
      for (const [name, value] of Object.entries(await options.headers())) request.setHeader(name, value)
    },
    onAfterResponse(request, response) {
      // Left to itself the library would now start over, in the middle of our stream.
      if (request.getMethod() === 'HEAD' && isGone(response)) {
        lost = sessionLost(`HTTP ${response.getStatus()}`, undefined)
        throw lost
      }
    },
    onShouldRetry: (error) => lost === null && isTransient(error),
    onSuccess: () => resolve(),
    onError: (error) => reject(lost ?? tusError(error)),
  })

  const giveUp = () => reject(storageAborted(signal))
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    if (signal?.aborted) throw storageAborted(signal)
    upload.start()
    await promise
  } catch (error) {
    await terminated(upload)
    throw error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

function isGone(response: HttpResponse): boolean {
  const status = response.getStatus()
  return status >= 400 && status < 500 && status !== 423 && status !== 429
}

function isTransient(error: Error | DetailedError): boolean {
  if (!(error instanceof DetailedError)) return false
  const status = error.originalResponse?.getStatus() ?? 0
  if (status === 0) return networkError(error.causingError) !== null
  return status >= 500 || status === 409 || status === 423 || status === 429
}

function tusError(error: Error | DetailedError): unknown {
  if (!(error instanceof DetailedError)) return error
  const { originalResponse: response, causingError } = error
  if (!response) return causingError ?? error
  return supabaseAnswerError(
    { status: response.getStatus(), ...wordsOf(response, error.originalRequest) },
    error,
  )
}

/** Refusals are plain text, but those of the gateway and of the token check are JSON. */
export function wordsOf(response: HttpResponse, request: HttpRequest): { code?: string; message?: string } {
  const text = response.getBody() ?? ''
  try {
    const { code, error, message } = JSON.parse(text) as Record<string, string>
    return { code: code ?? error, message }
  } catch {
    // Creating an upload names nothing but the bucket, so that is what is missing.
    const lacksBucket = response.getStatus() === 404 && request.getMethod() === 'POST'
    return { code: lacksBucket ? 'NoSuchBucket' : undefined, message: text.trim() }
  }
}

/** Best effort: a session that could not be removed stays invisible and expires. */
async function terminated(upload: Upload): Promise<void> {
  await upload.abort(true).catch(() => {})
}
