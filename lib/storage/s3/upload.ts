import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandOutput,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { limit } from '#lib/errors/app-error.ts'
import { s3ObjectBytesMax, s3PartBytes } from './limits.ts'

const partsInFlight = 4

export interface S3Upload {
  client: S3Client
  bucket: string
  key: string
  source: AsyncIterable<Uint8Array>
  contentType: string
  metadata: Readonly<Record<string, string>>
  checksumAlgorithm: ChecksumAlgorithm | undefined
  signal: AbortSignal | undefined
}

/** Says whose put an object is: when the answer to the last request is lost, a look at the object tells. */
export const putIdField = 'put-id'

/**
 * Sends a stream of unknown length: one request when it fits a part, a multipart upload otherwise. Holds a handful
 * of parts in memory. When it rejects, the store holds neither the object nor an unfinished upload of it. An abort that
 * comes when the last request is under way comes too late: the put succeeds.
 */
export async function uploadToS3(options: S3Upload): Promise<void> {
  const { client, bucket, key, signal } = options
  const putId = crypto.randomUUID()
  const stop = new AbortController()
  const giveUp = () => stop.abort()
  if (signal?.aborted) giveUp()
  signal?.addEventListener('abort', giveUp, { once: true })

  const requests = trackedRequests(client, stop)
  const upload = new Upload({
    client: requests.client,
    abortController: stop,
    partSize: s3PartBytes,
    queueSize: partsInFlight,
    params: {
      Bucket: bucket,
      Key: key,
      Body: Readable.from(withinLimit(options.source), { objectMode: false }),
      ContentType: options.contentType,
      Metadata: { ...options.metadata, [putIdField]: putId },
      ...(options.checksumAlgorithm ? { ChecksumAlgorithm: options.checksumAlgorithm } : {}),
    },
  })
  try {
    await upload.done()
  } catch (error) {
    stop.abort()
    const first = await requests.settled()
    const object = { Bucket: bucket, Key: key }
    await abortUploads(client, object, requests.uploadIds, cleanUpDeadline())
    // With time of its own: what took the first one's says nothing of the object.
    if (requests.mayHaveStored() && (await isStored(client, object, putId, cleanUpDeadline()))) return
    throw first ? first.error : error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

async function* withinLimit(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > s3ObjectBytesMax) {
      throw limit(
        'object_too_large',
        'The object is larger than this store takes',
        `At most ${s3ObjectBytesMax} bytes.`,
      )
    }
    yield chunk
  }
}

/**
 * lib-storage neither stops its requests when it is aborted nor waits for them when it fails. This client does both:
 * the first failure stops the others, and `settled` waits until the store has heard the last of us. Requests that
 * make something appear are never cut off, because then nobody could tell whether it did.
 */
function trackedRequests(client: S3Client, stop: AbortController) {
  const inFlight = new Set<Promise<unknown>>()
  let failure: { error: unknown } | null = null
  const uploadIds: string[] = []
  let stores = false

  const tracked: S3Client = Object.create(client)
  tracked.send = ((command: Parameters<S3Client['send']>[0]) => {
    const storing = command instanceof PutObjectCommand || command instanceof CompleteMultipartUploadCommand
    const creating = command instanceof CreateMultipartUploadCommand
    if (storing) stores = true
    const sent = client.send(command, storing || creating ? {} : { abortSignal: stop.signal })
    inFlight.add(sent)
    sent
      .then((answer) => {
        if (creating) uploadIds.push((answer as CreateMultipartUploadCommandOutput).UploadId!)
      })
      .catch((error) => {
        if (!stop.signal.aborted) failure ??= { error }
        stop.abort()
      })
      .finally(() => inFlight.delete(sent))
    return sent
  }) as S3Client['send']

  return {
    client: tracked,
    uploadIds,
    mayHaveStored: () => stores,
    async settled() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight)
      return failure
    },
  }
}

const cleanUpMilliseconds = 30_000

interface Deadline {
  abortSignal: AbortSignal
}

const cleanUpDeadline = (): Deadline => ({ abortSignal: AbortSignal.timeout(cleanUpMilliseconds) })

/**
 * A part that was on its way can arrive after the abort and stay: aborted again until the upload is unknown. Either
 * request may be the one that says so: Swift goes on listing the parts of an upload that was completed.
 */
export async function abortUploads(
  client: S3Client,
  object: { Bucket: string; Key: string },
  uploadIds: readonly string[],
  deadline: Deadline,
): Promise<void> {
  try {
    for (const UploadId of uploadIds) {
      const upload = { ...object, UploadId }
      while (true) {
        if (await client.send(new AbortMultipartUploadCommand(upload), deadline).then(known, unknown)) break
        if (await client.send(new ListPartsCommand(upload), deadline).then(known, unknown)) break
        await wait(200, undefined, { signal: deadline.abortSignal })
      }
    }
  } catch {
    // The error that brought us here says more; the bucket's lifecycle rule removes what could not be removed now.
  }
}

const known = () => false

function unknown(error: unknown): true {
  if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return true
  throw error
}

async function isStored(
  client: S3Client,
  object: { Bucket: string; Key: string },
  putId: string,
  deadline: Deadline,
): Promise<boolean> {
  try {
    const found = await client.send(new HeadObjectCommand(object), deadline)
    return found.Metadata?.[putIdField] === putId
  } catch {
    return false
  }
}
