import { DetailedError, type FileSource, Upload } from 'tus-js-client'
import { blockBytes } from '#lib/ingest/blocks/block-filler.ts'
import { type ApiConnection, apiHeaders } from './api-connection.ts'
import { ApiError, aborted, isApiError, unreachable } from './api-error.ts'
import { hasPlaces, headBytes } from './has-places.ts'
import { refusal } from './read-answer.ts'
import { getUpload, uploadUrl } from './resumable-uploads.ts'

/** After each of these a request that failed is tried again; progress starts the row anew. About five minutes. */
const retryMilliseconds = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 120_000]

/** While somebody else sends, they are asked after this often. */
const busyMilliseconds = 1000

/** A connection that takes nothing for so long is dead, whatever it says; a new one is made. */
const stallMilliseconds = 90_000

/**
 * A browser cannot hold a request back, and its socket takes tens of megabytes that are lost with the connection: so a
 * request is of this size. The server makes rows safe in blocks; of whole blocks nothing has to be sent twice.
 */
const requestBytes = 3 * blockBytes

/** Where bytes of a file come from, for whoever can do better than a browser. */
export type UploadSource = FileSource

export interface SendOptions {
  /** Bytes of the file that have left, also those of earlier attempts. It may fall back when a connection broke. */
  onProgress?: (sentBytes: number, totalBytes: number) => void
  /** Told whenever sending stopped and is tried again. */
  onInterrupted?: (error: ApiError) => void
  /** Pauses: the upload stays where it is, for this or another machine to go on. */
  signal?: AbortSignal
}

/**
 * Sends the rest of an upload's file, over as many connections as it takes, and resolves when it has become a dataset.
 * Rejects with an ApiError: what the server says against the file, `duplicate_dataset`, `unreachable`, `aborted`.
 * At most 16 MB of it are sent again after a break: of a Blob, since requests are small; of a source, as it promises.
 */
export async function sendUpload(
  api: ApiConnection,
  id: string,
  file: Blob | UploadSource,
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

  // What would be refused is not sent: whoever sends has the turn until the end of the request.
  let isBusy = false
  const untilFree = async () => {
    while (isBusy && !signal?.aborted) {
      watch()
      await wait(busyMilliseconds)
      isBusy = await getUpload(api, id, signal).then(
        ({ active }) => active,
        () => false,
      )
    }
  }

  const isBlob = file instanceof Blob
  const upload = new Upload(file as File, {
    chunkSize: isBlob ? await requestBytesFor(file) : Number.POSITIVE_INFINITY,
    ...(isBlob ? {} : { fileReader: { openFile: async () => file } }),
    // No endpoint: an upload that the server does not know any more is an error, not a new upload.
    uploadUrl: uploadUrl(api, id),
    headers: apiHeaders(api),
    retryDelays: retryMilliseconds,
    storeFingerprintForResuming: false,
    onProgress(sentBytes, totalBytes) {
      watch()
      options.onProgress?.(sentBytes, totalBytes ?? 0)
    },
    onBeforeRequest: untilFree,
    onShouldRetry(error) {
      const failure = apiErrorOf(error)
      isBusy = failure.code === 'upload_busy'
      const again = isWorthRepeating(failure)
      if (again) options.onInterrupted?.(failure)
      return again
    },
    onChunkComplete(bytes) {
      // Not even one block: a row is longer than the request was.
      if (bytes <= 0) upload.options.chunkSize! *= 2
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
    if (!isBlob) file.close()
  }
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** All of it at once, where nothing is safe before the end. */
async function requestBytesFor(file: Blob): Promise<number> {
  const head = new Uint8Array(await file.slice(0, headBytes).arrayBuffer())
  return hasPlaces(head) ? requestBytes : Number.POSITIVE_INFINITY
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
