import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { isAppError } from '#lib/errors/app-error.ts'
import { clockMeaning, DoctorFinding } from '../bucket-doctor.ts'
import { assertEndpointAllowed, guardedAgents } from '../endpoint/endpoint-guard.ts'
import { guardedFetch } from '../endpoint/guarded-fetch.ts'
import type { S3ChecksumMode } from '../s3-storage-service.ts'
import { createS3Client, type S3ClientSettings } from './client.ts'
import { namedS3, s3Error } from './errors.ts'

export interface S3Learned {
  forcePathStyle: boolean
  checksumMode: S3ChecksumMode
  /** Whether the store heeds `If-None-Match: *`. */
  conditionalWrites: boolean
  region: string
}

export interface S3DoctorOptions extends S3ClientSettings {
  bucket: string
  signal?: AbortSignal
  now?: () => Date
}

/** The steps before there is a client that works: address, clock, key, region. Learns path style and region. */
export class S3DoctorConnection {
  readonly #options: S3DoctorOptions
  readonly #learned: S3Learned
  #date: string | null = null

  constructor(options: S3DoctorOptions, learned: S3Learned) {
    this.#options = options
    this.#learned = learned
  }

  async reach(): Promise<string> {
    const { endpoint, region, signal } = this.#options
    const address = endpoint ?? `https://s3.${region}.amazonaws.com`
    const url = assertEndpointAllowed(address, this.#options)
    const agents = guardedAgents(this.#options)
    try {
      const { status, headers } = await namedS3(() => guardedFetch(url, agents, { signal }))
      this.#date = headers.date ?? null
      return `${url.host} answers (HTTP ${status}).`
    } finally {
      agents.http.destroy()
      agents.https.destroy()
    }
  }

  compareClocks(): string {
    return clockMeaning(this.#date, this.#options.now?.() ?? new Date())
  }

  /** Whether the store knows the key. What it may do is asked later, so "access denied" counts as signed in. */
  async signIn(): Promise<string> {
    const styles = [this.#options.forcePathStyle, !this.#options.forcePathStyle]
    let firstError: unknown
    for (const forcePathStyle of styles) {
      const error = await this.#tryList({ forcePathStyle })
      if (!isWrongStyle(error)) {
        this.#learned.forcePathStyle = forcePathStyle
        if (isAppError(error) && error.code === 'storage_credentials_refused') throw error
        return forcePathStyle
          ? 'The key is known. Addresses: path style.'
          : 'The key is known. Addresses: the bucket as host name.'
      }
      firstError ??= error
    }
    // Only a store that knows the key says that a bucket is missing.
    if (isAppError(firstError) && firstError.code === 'bucket_not_found') return 'The key is known.'
    throw firstError
  }

  async findBucket(): Promise<string> {
    const error = await this.#tryList({})
    if (!error) return `The bucket is there, in ${this.#learned.region}.`
    if (isAppError(error) && error.code === 'storage_denied') {
      return `The store answers for the bucket in ${this.#learned.region}; listing is not allowed.`
    }
    const region = regionIn(error)
    if (region && region !== this.#learned.region) {
      const wrong = this.#learned.region
      this.#learned.region = region
      const again = await this.#tryList({})
      if (!again) {
        throw new DoctorFinding(
          `The bucket is in ${region}, not in ${wrong}.`,
          `Set the region to ${region}.`,
        )
      }
    }
    throw error
  }

  /** The error of a listing, or null when it worked. */
  async #tryList(changes: Partial<S3ClientSettings>): Promise<unknown> {
    const client = createS3Client({ ...this.#options, ...this.#learned, ...changes })
    try {
      const command = new ListObjectsV2Command({ Bucket: this.#options.bucket, MaxKeys: 1 })
      await client.send(command, { abortSignal: this.#options.signal })
      return null
    } catch (error) {
      return s3Error(error)
    } finally {
      client.destroy()
    }
  }
}

/** What a store says that reads the bucket's name in the wrong place of the address. */
function isWrongStyle(error: unknown): boolean {
  if (!isAppError(error)) return error !== null
  return ['storage_unreachable', 'not_an_s3_endpoint', 'bucket_not_found', 'invalid_bucket'].includes(
    error.code,
  )
}

/** Amazon names the right region in a field or a header of its refusal. */
function regionIn(error: unknown): string | null {
  const cause = isAppError(error) ? error.cause : error
  const { Region, $response } = (cause ?? {}) as {
    Region?: string
    $response?: { headers?: Record<string, string> }
  }
  return Region ?? $response?.headers?.['x-amz-bucket-region'] ?? null
}
