import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { isAppError } from '#lib/errors/app-error.ts'
import { createS3Client, type S3ClientSettings } from './s3/client.ts'
import { namedS3, s3Error } from './s3/errors.ts'
import { s3ResumablePuts } from './s3/resumable-put.ts'
import { putIdField, uploadToS3 } from './s3/upload.ts'
import { storageCatalog } from './storage-catalog.ts'
import { type StorageAdapter, storageFacade } from './storage-facade.ts'
import type { ObserveStorage } from './storage-observation.ts'
import type { ByteRange, StorageService } from './storage-service.ts'

/** `sha256`: the store keeps a SHA-256 of what it got and answers it; `none`: it knows no such thing. */
export type S3ChecksumMode = 'sha256' | 'none'

export interface S3StorageOptions extends S3ClientSettings {
  bucket: string
  /** Learned by the bucket doctor. Either way the signature of each request covers the SHA-256 of its body. */
  checksumMode?: S3ChecksumMode
  /** Whether the store heeds `If-None-Match`, as the bucket doctor found. */
  conditionalWrites?: boolean
  observe?: ObserveStorage
}

/** Amazon S3 and what speaks its protocol. The addresses it reaches are checked as `endpoint-guard.ts` says. */
export function createS3StorageService(options: S3StorageOptions): StorageService {
  return storageFacade('s3', s3Adapter(createS3Client(options), options), options.observe)
}

function s3Adapter(client: S3Client, options: S3StorageOptions): StorageAdapter {
  const { bucket: Bucket, region, endpoint, checksumMode = 'none' } = options

  return {
    capabilities: storageCatalog.s3.capabilities,
    location: { bucket: Bucket, region, endpoint },

    put: (key, source, { contentType, metadata, signal }) =>
      namedS3(() =>
        uploadToS3({
          client,
          bucket: Bucket,
          key,
          source,
          contentType: contentType ?? 'application/octet-stream',
          metadata: metadata ?? {},
          checksumAlgorithm: checksumMode === 'sha256' ? 'SHA256' : undefined,
          signal,
        }),
      ),

    resumable: s3ResumablePuts({
      client,
      bucket: Bucket,
      checksumAlgorithm: checksumMode === 'sha256' ? 'SHA256' : undefined,
      conditionalWrites: options.conditionalWrites ?? false,
    }),

    head: (Key, { signal } = {}) =>
      namedS3(async () => {
        const found = await orNull(
          client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal }),
        )
        if (!found) return null
        return {
          sizeBytes: found.ContentLength ?? 0,
          contentType: found.ContentType ?? null,
          lastModified: found.LastModified ?? null,
          metadata: withoutPutId(found.Metadata ?? {}),
        }
      }),

    getRange: (Key, range, { signal } = {}) =>
      namedS3(async () => {
        const command = new GetObjectCommand({ Bucket, Key, Range: range && rangeHeader(range) })
        const { Body } = await client.send(command, { abortSignal: signal })
        return Body as AsyncIterable<Uint8Array>
      }),

    signDownload: (Key, { expiresSeconds, downloadName }) =>
      namedS3(async () => {
        const signedAt = new Date()
        const command = new GetObjectCommand({
          Bucket,
          Key,
          ...(downloadName ? { ResponseContentDisposition: attachment(downloadName) } : {}),
        })
        const url = await getSignedUrl(client, command, { expiresIn: expiresSeconds, signingDate: signedAt })
        // A signature counts from a whole second.
        const expires = Math.floor(signedAt.getTime() / 1000) + expiresSeconds
        return { url, expiresAt: new Date(expires * 1000) }
      }),

    delete: (Key, { signal } = {}) =>
      namedS3(async () => {
        // DeleteObject answers the same whether there was something or not.
        const found = await orNull(
          client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal: signal }),
        )
        if (!found) return { removed: false }
        await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal: signal })
        return { removed: true }
      }),

    async *list(prefix, { signal } = {}) {
      let ContinuationToken: string | undefined
      do {
        const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken })
        const page = await namedS3(() => client.send(command, { abortSignal: signal }))
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          // A key that ends in "/" is a folder that some console drew.
          if (Key && !Key.endsWith('/')) {
            yield { key: Key, sizeBytes: Size ?? 0, lastModified: LastModified ?? null }
          }
        }
        ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
      } while (ContinuationToken)
    },

    probe: ({ signal } = {}) =>
      namedS3(async () => {
        // HeadBucket would do, but its refusals have no body that says why.
        await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal: signal })
      }),
  }
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    const name = s3Error(error)
    if (isAppError(name) && name.code === 'object_not_found') return null
    throw error
  }
}

function withoutPutId(metadata: Record<string, string>): Record<string, string> {
  const { [putIdField]: _, ...ours } = metadata
  return ours
}

function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end ?? ''}`
}

/** RFC 6266, with the name both in ASCII and in UTF-8. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`
}
