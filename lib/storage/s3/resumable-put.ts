import {
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { limit } from '#lib/errors/app-error.ts'
import {
  ByteQueue,
  type PutCheckpoint,
  type ResumablePut,
  type ResumablePuts,
  uploadSessionLost,
} from '../resumable-put.ts'
import type { PutOptions } from '../storage-service.ts'
import { namedS3 } from './errors.ts'
import { s3ResumablePartBytes as partBytes, s3PartsMax } from './limits.ts'
import { abortUploads, putIdField } from './upload.ts'

export interface S3ResumableOptions {
  client: S3Client
  bucket: string
  checksumAlgorithm: ChecksumAlgorithm | undefined
  /** Whether the store can be told to write only where nothing is. */
  conditionalWrites: boolean
}

/** What a checkpoint remembers. Which parts there are, the store itself tells. */
interface Handle {
  putId: string
  /** Null while nothing fills a part: a small object becomes one request at the end. */
  uploadId: string | null
  /** As it began: parts of one upload have checksums of one kind, whatever is learned of the store meanwhile. */
  checksumAlgorithm?: ChecksumAlgorithm | null
  /** Nothing was there when it began. Whatever is there at the commit is then another process's, and stays. */
  beganOnNothing?: boolean
}

const cleanUpMilliseconds = 30_000

/**
 * A multipart upload whose parts are all of the smallest size that S3 takes, so that little has to be sent again, and
 * all of one size, because some stores ask for that. While a part is on its way the next one is filled.
 */
export function s3ResumablePuts(store: S3ResumableOptions): ResumablePuts {
  const place = (key: string) => ({ Bucket: store.bucket, Key: key })

  return {
    begin: (key, options = {}) =>
      namedS3(async () => {
        const handle: Handle = {
          putId: crypto.randomUUID(),
          uploadId: null,
          checksumAlgorithm: store.checksumAlgorithm ?? null,
          beganOnNothing:
            store.conditionalWrites && (await isMissing(store.client, place(key)).catch(() => false)),
        }
        return new S3ResumablePut(store, place(key), options, { handle, parts: [], committed: null })
      }),

    resume: (key, checkpoint, options = {}) =>
      namedS3(async () => {
        const handle = handleOf(checkpoint)
        const committedBytes = await storedSize(store.client, place(key), handle.putId)
        if (committedBytes !== null) {
          const appendedBytes = checkpoint.storedBytes + checkpoint.tail.length
          const committed = { appendedBytes, sizeBytes: committedBytes }
          return new S3ResumablePut(store, place(key), options, { handle, parts: [], committed })
        }
        const count = checkpoint.storedBytes / partBytes
        const parts = handle.uploadId ? await partsOf(store.client, place(key), handle.uploadId, count) : []
        const standing = { handle, parts, committed: null, isResumed: true }
        const put = new S3ResumablePut(store, place(key), options, standing)
        await put.append(checkpoint.tail)
        return put
      }),

    abort: (key, checkpoint) =>
      namedS3(async () => {
        const { uploadId } = handleOf(checkpoint)
        const deadline = { abortSignal: AbortSignal.timeout(cleanUpMilliseconds) }
        if (uploadId) await abortUploads(store.client, place(key), [uploadId], deadline)
        await abortForgotten(store.client, place(key), deadline)
      }),
  }
}

const handleOf = ({ handle }: PutCheckpoint): Handle => handle as unknown as Handle

interface Place {
  Bucket: string
  Key: string
}

interface Standing {
  handle: Handle
  parts: CompletedPart[]
  /** Set when the put was committed before: bytes are then only counted. */
  committed: { appendedBytes: number; sizeBytes: number } | null
  isResumed?: boolean
}

class S3ResumablePut implements ResumablePut {
  readonly #queue = new ByteQueue()
  readonly #store: S3ResumableOptions
  readonly #place: Place
  readonly #options: PutOptions
  readonly #handle: Handle
  readonly #parts: CompletedPart[]
  readonly #committed: Standing['committed']
  readonly #isResumed: boolean
  #appendedBytes: number
  #sending: Promise<void> = Promise.resolve()

  constructor(store: S3ResumableOptions, place: Place, options: PutOptions, standing: Standing) {
    this.#store = store
    this.#place = place
    this.#options = options
    this.#handle = standing.handle
    this.#parts = standing.parts
    this.#committed = standing.committed
    this.#isResumed = standing.isResumed === true
    this.#appendedBytes = standing.committed?.appendedBytes ?? standing.parts.length * partBytes
  }

  get tailBytes(): number {
    return this.#queue.length
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#appendedBytes += bytes.length
    if (this.#committed) return
    this.#queue.push(bytes)
    while (this.#queue.length >= partBytes) {
      await this.#sending
      this.#sending = namedS3(() => this.#sendPart(this.#queue.take(partBytes)))
      // Seen at the next part, checkpoint or commit.
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
    await namedS3(async () => {
      if (this.#committed) return this.#checkCommitted(this.#committed.sizeBytes)
      try {
        await this.#complete()
      } catch (error) {
        // The answer may be lost while the object is there.
        const size = await storedSize(this.#store.client, this.#place, this.#handle.putId).catch(() => null)
        if (size === null) throw lostOr(error)
        this.#checkCommitted(size)
      }
      if (!this.#isResumed) return
      const deadline = { abortSignal: AbortSignal.timeout(cleanUpMilliseconds) }
      await abortForgotten(this.#store.client, this.#place, deadline)
    })
  }

  async abort(): Promise<void> {
    await this.#sending.catch(() => {})
    const { uploadId } = this.#handle
    const deadline = { abortSignal: AbortSignal.timeout(cleanUpMilliseconds) }
    if (uploadId && !this.#committed)
      await namedS3(() => abortUploads(this.#store.client, this.#place, [uploadId], deadline))
  }

  async release(): Promise<void> {
    await this.#sending.catch(() => {})
  }

  async #sendPart(body: Uint8Array): Promise<void> {
    const PartNumber = this.#parts.length + 1
    if (PartNumber > s3PartsMax) {
      const details = `A resumable upload may have ${partBytes * s3PartsMax} bytes there.`
      throw limit('object_too_large', 'The object is larger than this store takes', details)
    }
    this.#handle.uploadId ??= await this.#create()
    const UploadId = this.#handle.uploadId
    const sent = await this.#store.client
      .send(
        new UploadPartCommand({ ...this.#place, UploadId, PartNumber, Body: body, ...this.#checksum() }),
        { abortSignal: this.#options.signal },
      )
      .catch((error) => {
        throw lostOr(error)
      })
    this.#parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256 })
  }

  async #create(): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#place,
      ...this.#headers(),
      ...this.#checksum(),
    })
    const { UploadId } = await this.#store.client.send(command)
    return UploadId!
  }

  async #complete(): Promise<void> {
    const { client } = this.#store
    if (this.#handle.uploadId === null) {
      const Body = this.#queue.copy()
      await client.send(
        new PutObjectCommand({
          ...this.#place,
          ...this.#headers(),
          ...this.#checksum(),
          ...this.#condition(),
          Body,
        }),
      )
      return
    }
    if (this.#queue.length > 0) await this.#sendPart(this.#queue.take(this.#queue.length))
    const MultipartUpload = { Parts: this.#parts }
    const UploadId = this.#handle.uploadId
    // Ceph's gateway heeds the condition of a whole object, and ignores that of the last request of one in parts.
    if (this.#condition().IfNoneMatch && !(await isMissing(client, this.#place)))
      throw uploadSessionLost(replaced)
    await client.send(
      new CompleteMultipartUploadCommand({ ...this.#place, UploadId, MultipartUpload, ...this.#condition() }),
    )
  }

  /** A process that was frozen and wakes up must not replace what its successor committed. */
  #condition(): { IfNoneMatch?: '*' } {
    return this.#handle.beganOnNothing && this.#store.conditionalWrites ? { IfNoneMatch: '*' } : {}
  }

  #headers() {
    const { contentType = 'application/octet-stream', metadata = {} } = this.#options
    return { ContentType: contentType, Metadata: { ...metadata, [putIdField]: this.#handle.putId } }
  }

  #checksum(): { ChecksumAlgorithm?: ChecksumAlgorithm } {
    const { checksumAlgorithm = this.#store.checksumAlgorithm } = this.#handle
    return checksumAlgorithm ? { ChecksumAlgorithm: checksumAlgorithm } : {}
  }

  #checkCommitted(committedBytes: number): void {
    if (committedBytes !== this.#appendedBytes) throw uploadSessionLost(replaced)
  }
}

const replaced = 'Another object has taken the place of this one.'

function lostOr(error: unknown): unknown {
  const status = statusOf(error)
  if (status === 404) return uploadSessionLost('The store aborted it.', error)
  return status === 412 ? uploadSessionLost(replaced, error) : error
}

const isMissing = (client: S3Client, place: Place): Promise<boolean> =>
  client.send(new HeadObjectCommand(place)).then(
    () => false,
    (error) => {
      if (isGone(error)) return true
      throw error
    },
  )

/** The first so many parts of an upload; all of them have to be there, whole. */
async function partsOf(
  client: S3Client,
  place: Place,
  UploadId: string,
  count: number,
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = []
  let PartNumberMarker: string | undefined
  do {
    const page = await client
      .send(new ListPartsCommand({ ...place, UploadId, PartNumberMarker }))
      .catch((error) => {
        throw isGone(error) ? uploadSessionLost('The store does not know it.', error) : error
      })
    for (const { PartNumber, ETag, Size, ChecksumSHA256 } of page.Parts ?? []) {
      if (PartNumber === parts.length + 1 && Size === partBytes && parts.length < count)
        parts.push({ PartNumber, ETag, ChecksumSHA256 })
    }
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
  } while (PartNumberMarker && parts.length < count)
  if (parts.length < count) throw uploadSessionLost(`It has ${parts.length} parts in place of ${count}.`)
  return parts
}

/**
 * Aborts uploads of this key that a process began and died before it took note of them. Best effort: the credentials may
 * not allow to list, and a lifecycle rule of the bucket removes what stays.
 */
async function abortForgotten(
  client: S3Client,
  place: Place,
  deadline: { abortSignal: AbortSignal },
): Promise<void> {
  const command = new ListMultipartUploadsCommand({ Bucket: place.Bucket, Prefix: place.Key })
  const page = await client.send(command, deadline).catch(() => null)
  const ids = page?.Uploads?.filter(({ Key }) => Key === place.Key).map(({ UploadId }) => UploadId!) ?? []
  await abortUploads(client, place, ids, deadline)
}

/** The size of the object if it is the one that this put made. */
async function storedSize(client: S3Client, place: Place, putId: string): Promise<number | null> {
  const found = await client.send(new HeadObjectCommand(place)).catch((error) => {
    if (isGone(error)) return null
    throw error
  })
  return found?.Metadata?.[putIdField] === putId ? (found.ContentLength ?? 0) : null
}

const isGone = (error: unknown): boolean => statusOf(error) === 404

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
