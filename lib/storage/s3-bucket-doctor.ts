import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type AppError, isAppError } from '#lib/errors/app-error.ts'
import {
  clockMeaning,
  DoctorFinding,
  type DoctorReport,
  type PlannedStep,
  runDoctorSteps,
} from './bucket-doctor.ts'
import { assertEndpointAllowed, guardedAgents } from './endpoint-guard.ts'
import { guardedFetch } from './guarded-fetch.ts'
import { s3Advice } from './s3-bucket-advice.ts'
import { createS3Client, type S3ClientSettings } from './s3-client.ts'
import { s3Error } from './s3-errors.ts'
import type { S3ChecksumMode } from './s3-storage-service.ts'

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

const scratchFolder = 'finetunelab-doctor'
const smallBody = Buffer.from('FineTune Lab was here.')
const firstPartBytes = 5 * 1024 * 1024

const fixes: Record<string, string> = {
  storage_unreachable:
    'Check the endpoint, its port, and whether a firewall stands between it and this machine.',
  address_refused:
    'Use an address that is reachable from the internet, or ask the operator to allow this one.',
  invalid_endpoint:
    'Write the endpoint with its scheme and nothing after the host, as in https://s3.example.com.',
  not_an_s3_endpoint: 'Look for the S3 API endpoint in the documentation of your store.',
  storage_credentials_refused:
    'Copy the access key id and the secret again, both from the same place, without spaces. A key that was deleted or deactivated has to be replaced.',
  clock_skew: 'Set the clock of this machine, for example by turning on NTP.',
  wrong_region: 'Enter the region that the bucket was made in.',
  bucket_not_found: 'Create the bucket, or correct its name; names are exact and lower case.',
  invalid_bucket: 'Correct the name of the bucket.',
  storage_full: 'Make room at the store, or ask for a larger quota.',
  storage_unsupported: 'This store lacks a part of S3 that FineTune Lab needs; use another one.',
  storage_busy: 'Wait a little and test again.',
}

/**
 * Tries on a scratch key everything that FineTune Lab does with a bucket, in the order in which things can go wrong,
 * and learns the store's dialect on the way. Removes what it made, whatever happens. Never rejects, except on abort.
 */
export async function examineS3Bucket(options: S3DoctorOptions): Promise<DoctorReport<S3Learned>> {
  const learned: S3Learned = {
    forcePathStyle: options.forcePathStyle,
    checksumMode: 'none',
    conditionalWrites: false,
    region: options.region,
  }
  const examination = new S3Examination(options, learned)
  const steps = await runDoctorSteps(examination.plan(), fixes)
  await examination.cleanUp(steps)
  options.signal?.throwIfAborted()
  return {
    ok: steps.every(({ status }) => status === 'pass'),
    steps,
    learned,
    advice: s3Advice(options.bucket),
  }
}

/** Holds what the steps hand on to each other: the client that worked, and the keys to remove. */
class S3Examination {
  readonly #options: S3DoctorOptions
  readonly #learned: S3Learned
  readonly #key = `${scratchFolder}/${crypto.randomUUID()}`
  readonly #partsKey = `${this.#key}-parts`
  readonly #uploads = new Set<string>()
  #client: S3Client | null = null
  #date: string | null = null

  constructor(options: S3DoctorOptions, learned: S3Learned) {
    this.#options = options
    this.#learned = learned
  }

  plan(): PlannedStep[] {
    const on = (action: string) => (error: AppError) => this.#deniedWords(error, action)
    return [
      { id: 'reach', label: 'Reach the store', run: () => this.#reach() },
      { id: 'clock', label: 'Compare the clocks', needs: ['reach'], run: async () => this.#compareClocks() },
      { id: 'credentials', label: 'Sign in', needs: ['reach'], run: () => this.#signIn() },
      {
        id: 'region',
        label: 'Find the bucket in its region',
        needs: ['credentials'],
        run: () => this.#findBucket(),
      },
      { id: 'list', label: 'List', needs: ['region'], run: () => this.#list(), explain: on('ListBucket') },
      {
        id: 'put',
        label: 'Store an object',
        needs: ['region'],
        run: () => this.#put(),
        explain: on('PutObject'),
      },
      { id: 'head', label: 'Look it up', needs: ['put'], run: () => this.#head(), explain: on('GetObject') },
      {
        id: 'range',
        label: 'Read a part of it',
        needs: ['put'],
        run: () => this.#range(),
        explain: on('GetObject'),
      },
      { id: 'presigned', label: 'Read it by a signed link', needs: ['range'], run: () => this.#presigned() },
      { id: 'checksum', label: 'Checksum dialect', needs: ['put'], run: () => this.#checksums() },
      { id: 'conditional', label: 'Conditional writes', needs: ['put'], run: () => this.#conditional() },
      {
        id: 'multipart',
        label: 'Store an object in parts',
        needs: ['put'],
        run: () => this.#multipart(),
        explain: on('PutObject'),
      },
      {
        id: 'abort',
        label: 'Give up an upload in parts',
        needs: ['multipart'],
        run: () => this.#abort(),
        explain: on('AbortMultipartUpload'),
      },
      {
        id: 'delete',
        label: 'Delete',
        needs: ['put'],
        run: () => this.#delete(),
        explain: on('DeleteObject'),
      },
    ]
  }

  /** Takes back what is left, and says so where it cannot. */
  async cleanUp(steps: { id: string; label: string; status: string; meaning: string; fix: string | null }[]) {
    const client = this.#client
    if (!client || !steps.some(({ id, status }) => id === 'put' && status !== 'skipped')) return
    const Bucket = this.#options.bucket
    const left: string[] = []
    for (const UploadId of this.#uploads) {
      const abort = new AbortMultipartUploadCommand({ Bucket, Key: this.#partsKey, UploadId })
      await client.send(abort).catch(() => left.push(`an unfinished upload of ${this.#partsKey}`))
    }
    for (const Key of [this.#key, this.#partsKey]) {
      await client.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => left.push(Key))
    }
    client.destroy()
    const deletion = steps.find(({ id }) => id === 'delete')
    if (left.length > 0 && deletion?.status === 'fail') {
      deletion.meaning += ` Left in the bucket: ${left.join(', ')}.`
    }
  }

  async #reach(): Promise<string> {
    const { endpoint, region, signal } = this.#options
    const address = endpoint ?? `https://s3.${region}.amazonaws.com`
    const url = assertEndpointAllowed(address, this.#options)
    const agents = guardedAgents(this.#options)
    try {
      const { status, headers } = await named(() => guardedFetch(url, agents, { signal }))
      this.#date = headers.date ?? null
      return `${url.host} answers (HTTP ${status}).`
    } finally {
      agents.http.destroy()
      agents.https.destroy()
    }
  }

  #compareClocks(): string {
    return clockMeaning(this.#date, this.#options.now?.() ?? new Date())
  }

  /** Whether the store knows the key. What it may do is asked later, so "access denied" counts as signed in. */
  async #signIn(): Promise<string> {
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

  async #findBucket(): Promise<string> {
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

  async #list(): Promise<string> {
    await this.#send((client, Bucket) => client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
    return 'Objects can be listed.'
  }

  async #put(): Promise<string> {
    await this.#send((client, Bucket) =>
      client.send(new PutObjectCommand({ Bucket, Key: this.#key, Body: smallBody })),
    )
    return 'An object can be stored.'
  }

  async #head(): Promise<string> {
    const { ContentLength } = await this.#send((client, Bucket) =>
      client.send(new HeadObjectCommand({ Bucket, Key: this.#key })),
    )
    if (ContentLength !== smallBody.byteLength) throw altered(`It has ${ContentLength} bytes.`)
    return 'Its size is right.'
  }

  async #range(): Promise<string> {
    const text = await this.#send(async (client, Bucket) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: this.#key, Range: 'bytes=2-9' }))
      return Body?.transformToString()
    })
    if (text !== smallBody.subarray(2, 10).toString())
      throw altered('Other bytes came back than were asked for.')
    return 'Ranges work.'
  }

  async #presigned(): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#options.bucket, Key: this.#key })
    const url = await this.#send((client) => getSignedUrl(client, command, { expiresIn: 60 }))
    const agents = guardedAgents(this.#options)
    try {
      const answer = await named(() => guardedFetch(new URL(url), agents, { signal: this.#options.signal }))
      if (answer.status === 200 && answer.body.equals(smallBody)) return 'A signed link hands the object out.'
      throw new DoctorFinding(
        `The store answered HTTP ${answer.status} to a signed link.`,
        'Look for a bucket policy that denies requests by address or by how they are signed: pods fetch datasets this way.',
      )
    } finally {
      agents.http.destroy()
      agents.https.destroy()
    }
  }

  /** Asks for a SHA-256 to be kept, and whether it was. */
  async #checksums(): Promise<string> {
    const object = { Bucket: this.#options.bucket, Key: this.#key }
    const kept = await this.#send(async (client) => {
      await client.send(new PutObjectCommand({ ...object, Body: smallBody, ChecksumAlgorithm: 'SHA256' }))
      return client.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))
    }).catch(() => null)
    this.#learned.checksumMode = kept?.ChecksumSHA256 ? 'sha256' : 'none'
    return kept?.ChecksumSHA256
      ? 'The store keeps a SHA-256 of each object.'
      : 'The store keeps no SHA-256; each request is signed with one all the same.'
  }

  async #conditional(): Promise<string> {
    const refused = await this.#send((client, Bucket) =>
      client.send(new PutObjectCommand({ Bucket, Key: this.#key, Body: smallBody, IfNoneMatch: '*' })),
    ).then(
      () => false,
      (error) => isAppError(error) && error.code === 'object_exists',
    )
    this.#learned.conditionalWrites = refused
    return refused
      ? '"Only if absent" is heeded.'
      : '"Only if absent" is not known here; nothing depends on it.'
  }

  async #multipart(): Promise<string> {
    const object = { Bucket: this.#options.bucket, Key: this.#partsKey }
    const algorithm = this.#learned.checksumMode === 'sha256' ? { ChecksumAlgorithm: 'SHA256' as const } : {}
    return this.#send(async (client) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...object, ...algorithm }))
      this.#uploads.add(UploadId!)
      const Parts = []
      for (const [at, bytes] of [firstPartBytes, 10].entries()) {
        const part = { ...object, ...algorithm, UploadId, PartNumber: at + 1, Body: Buffer.alloc(bytes, at) }
        const { ETag, ChecksumSHA256 } = await client.send(new UploadPartCommand(part))
        Parts.push({ ETag, PartNumber: at + 1, ...(ChecksumSHA256 ? { ChecksumSHA256 } : {}) })
      }
      await client.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
      )
      this.#uploads.delete(UploadId!)
      // The answer to the last request says too little: some stores leave its ETag empty.
      const { ContentLength } = await client.send(new HeadObjectCommand(object))
      if (ContentLength !== firstPartBytes + 10) throw altered(`It has ${ContentLength} bytes.`)
      return 'Large objects can be stored in parts.'
    })
  }

  async #abort(): Promise<string> {
    const object = { Bucket: this.#options.bucket, Key: this.#partsKey }
    return this.#send(async (client) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(object))
      this.#uploads.add(UploadId!)
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId }))
      this.#uploads.delete(UploadId!)
      return 'What is given up leaves nothing behind.'
    })
  }

  async #delete(): Promise<string> {
    const Bucket = this.#options.bucket
    await this.#send(async (client) => {
      for (const Key of [this.#key, this.#partsKey])
        await client.send(new DeleteObjectCommand({ Bucket, Key }))
    })
    return 'Objects can be deleted.'
  }

  #deniedWords(error: AppError, action: string): { meaning: string; fix: string } | null {
    if (error.code !== 'storage_denied') return null
    const arn = `arn:aws:s3:::${this.#options.bucket}${action === 'ListBucket' ? '' : '/*'}`
    return {
      meaning: `403 on ${action}: the key is known, but it may not do this.`,
      fix: `Allow s3:${action} on ${arn}; the whole policy is below.`,
    }
  }

  #send<T>(call: (client: S3Client, bucket: string) => Promise<T>): Promise<T> {
    this.#client ??= createS3Client({ ...this.#options, ...this.#learned })
    const client = this.#client
    return named(() => call(client, this.#options.bucket))
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

async function named<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw s3Error(error)
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

function altered(what: string): DoctorFinding {
  return new DoctorFinding(`The store did not give back what it got. ${what}`, fixes.storage_unsupported!)
}
