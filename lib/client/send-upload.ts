import { DetailedError, Upload } from 'tus-js-client'
import { type ApiConnection, apiHeaders } from './api-connection.ts'
import { ApiError, aborted, isApiError, unreachable } from './api-error.ts'
import { refusal } from './read-answer.ts'
import { getUpload, uploadUrl } from './resumable-uploads.ts'

/** After each of these a request that failed is tried again; progress starts the row anew. About five minutes. */
const retryMilliseconds = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 120_000]

/** A connection that takes nothing for so long is dead, whatever it says; a new one is made. */
const stallMilliseconds = 90_000

export interface SendOptions {
  /** Bytes of the file that have left, also those of earlier attempts. It may fall back when a connection broke. */
  onProgress?: (sentBytes: number, totalBytes: number) => void
  /** Told whenever sending stopped and is tried again. */
  onInterrupted?: (error: unknown) => void
  /** Pauses: the upload stays where it is, for this or another machine to go on. */
  signal?: AbortSignal
}

/**
 * Sends the rest of an upload's file, over as many connections as it takes, and resolves when it has become a dataset.
 * Rejects with an ApiError: what the server says against the file, `duplicate_dataset`, `unreachable`, `aborted`.
 * `file` is a File or Blob in a browser, and in Node a stream that `createReadStream` made of a path.
 */
export async function sendUpload(
  api: ApiConnection,
  id: string,
  file: Blob | AsyncIterable<Uint8Array>,
  options: SendOptions = {},
): Promise<void> {
  const { signal } = options
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let stalled: ReturnType<typeof setTimeout> | undefined
  const watch = () => {
    clearTimeout(stalled)
    stalled = setTimeout(async () => {
      await upload.abort()
      options.onInterrupted?.(unreachable(undefined))
      if (!signal?.aborted) upload.start()
      watch()
    }, stallMilliseconds)
  }

  const upload = new Upload(file as File, {
    // No endpoint: an upload that the server does not know any more is an error, not a new upload.
    uploadUrl: uploadUrl(api, id),
    headers: apiHeaders(api),
    retryDelays: retryMilliseconds,
    storeFingerprintForResuming: false,
    onProgress(sentBytes, totalBytes) {
      watch()
      options.onProgress?.(sentBytes, totalBytes ?? 0)
    },
    onShouldRetry(error) {
      const failure = apiErrorOf(error)
      const again = isWorthRepeating(failure)
      if (again) options.onInterrupted?.(failure)
      return again
    },
    onSuccess: () => resolve(),
    onError: reject,
  })
  const pause = () => {
    void upload.abort()
    reject(aborted())
  }
  signal?.addEventListener('abort', pause, { once: true })
  try {
    if (signal?.aborted) throw aborted()
    watch()
    upload.start()
    await promise
  } catch (error) {
    throw await whatTheServerSays(api, id, apiErrorOf(error))
  } finally {
    clearTimeout(stalled)
    signal?.removeEventListener('abort', pause)
  }
}

/** These say that the sender is to look where the upload stands, or that another one is still at it. */
const repeatedCodes = new Set(['upload_offset', 'upload_busy', 'upload_starts_again'])

const isWorthRepeating = (error: ApiError): boolean => error.retryable || repeatedCodes.has(error.code)

function apiErrorOf(error: unknown): ApiError {
  if (isApiError(error)) return error
  const response = error instanceof DetailedError ? error.originalResponse : null
  if (!response || response.getStatus() === 0) return unreachable(error)
  return refusal({
    status: response.getStatus(),
    text: response.getBody() ?? '',
    header: (name) => response.getHeader(name) ?? null,
  })
}

/** The answer that refused the file may have been lost, and a HEAD has no body: the session still tells. */
async function whatTheServerSays(api: ApiConnection, id: string, error: ApiError): Promise<ApiError> {
  if (error.code === 'aborted' || !error.code.startsWith('http_')) return error
  const session = await getUpload(api, id).catch(() => null)
  if (session?.status === 'duplicate') {
    const body = { dataset: session.duplicate_of }
    const message = 'These very bytes are in this store already'
    return new ApiError({ status: 409, code: 'duplicate_dataset', message, body })
  }
  if (session?.status !== 'failed' || !session.error) return error
  return refusal({ status: error.status, text: JSON.stringify(session.error), header: () => null })
}
