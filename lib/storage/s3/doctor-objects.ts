import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
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
import { isAppError } from '#lib/errors/app-error.ts'
import { DoctorFinding } from '../bucket-doctor.ts'
import { guardedAgents } from '../endpoint/endpoint-guard.ts'
import { guardedFetch } from '../endpoint/guarded-fetch.ts'
import { createS3Client } from './client.ts'
import type { S3DoctorOptions, S3Learned } from './doctor-connection.ts'
import { namedS3 } from './errors.ts'

const scratchFolder = 'finetunelab-doctor'
const smallBody = Buffer.from('FineTune Lab was here.')
const firstPartBytes = 5 * 1024 * 1024

/** The steps on scratch keys, and their removal. Learns the checksum dialect and conditional writes. */
export class S3DoctorObjects {
  readonly #options: S3DoctorOptions
  readonly #learned: S3Learned
  readonly #key = `${scratchFolder}/${crypto.randomUUID()}`
  readonly #partsKey = `${this.#key}-parts`
  readonly #uploads = new Set<string>()
  #client: S3Client | null = null

  constructor(options: S3DoctorOptions, learned: S3Learned) {
    this.#options = options
    this.#learned = learned
  }

  async list(): Promise<string> {
    await this.#send((client, Bucket) => client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
    return 'Objects can be listed.'
  }

  async put(): Promise<string> {
    await this.#send((client, Bucket) =>
      client.send(new PutObjectCommand({ Bucket, Key: this.#key, Body: smallBody })),
    )
    return 'An object can be stored.'
  }

  async head(): Promise<string> {
    const { ContentLength } = await this.#send((client, Bucket) =>
      client.send(new HeadObjectCommand({ Bucket, Key: this.#key })),
    )
    if (ContentLength !== smallBody.byteLength) throw altered(`It has ${ContentLength} bytes.`)
    return 'Its size is right.'
  }

  async range(): Promise<string> {
    const text = await this.#send(async (client, Bucket) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: this.#key, Range: 'bytes=2-9' }))
      return Body?.transformToString()
    })
    if (text !== smallBody.subarray(2, 10).toString())
      throw altered('Other bytes came back than were asked for.')
    return 'Ranges work.'
  }

  async presigned(): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#options.bucket, Key: this.#key })
    const url = await this.#send((client) => getSignedUrl(client, command, { expiresIn: 60 }))
    const agents = guardedAgents(this.#options)
    try {
      const answer = await namedS3(() => guardedFetch(new URL(url), agents, { signal: this.#options.signal }))
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
  async checksums(): Promise<string> {
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

  async conditional(): Promise<string> {
    const refused = await this.#send((client, Bucket) =>
      client.send(new PutObjectCommand({ Bucket, Key: this.#key, Body: smallBody, IfNoneMatch: '*' })),
    ).then(
      () => false,
      (error) => isAppError(error) && error.code === 'object_exists',
    )
    this.#learned.conditionalWrites = refused
    return refused
      ? '"Only if absent" is heeded: an upload that comes too late replaces nothing.'
      : '"Only if absent" is not known here: uploads go without it.'
  }

  async multipart(): Promise<string> {
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
      await this.#complete(client, { ...object, UploadId, MultipartUpload: { Parts } })
      this.#uploads.delete(UploadId!)
      // The answer to the last request says too little: some stores leave its ETag empty.
      const { ContentLength } = await client.send(new HeadObjectCommand(object))
      if (ContentLength !== firstPartBytes + 10) throw altered(`It has ${ContentLength} bytes.`)
      return 'Large objects can be stored in parts.'
    })
  }

  /** As an upload does it; a store that heeds conditions of whole objects need not know them here. */
  async #complete(client: S3Client, input: CompleteMultipartUploadCommandInput): Promise<void> {
    if (this.#learned.conditionalWrites) {
      const conditional = new CompleteMultipartUploadCommand({ ...input, IfNoneMatch: '*' })
      if (await client.send(conditional).then(() => true, falseIfNotKnown)) return
      this.#learned.conditionalWrites = false
    }
    await client.send(new CompleteMultipartUploadCommand(input))
  }

  async abort(): Promise<string> {
    const object = { Bucket: this.#options.bucket, Key: this.#partsKey }
    return this.#send(async (client) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(object))
      this.#uploads.add(UploadId!)
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId }))
      this.#uploads.delete(UploadId!)
      return 'What is given up leaves nothing behind.'
    })
  }

  async delete(): Promise<string> {
    const Bucket = this.#options.bucket
    await this.#send(async (client) => {
      for (const Key of [this.#key, this.#partsKey])
        await client.send(new DeleteObjectCommand({ Bucket, Key }))
    })
    return 'Objects can be deleted.'
  }

  #send<T>(call: (client: S3Client, bucket: string) => Promise<T>): Promise<T> {
    this.#client ??= createS3Client({ ...this.#options, ...this.#learned })
    const client = this.#client
    return namedS3(() => call(client, this.#options.bucket))
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
}

function altered(what: string): DoctorFinding {
  return new DoctorFinding(
    `The store did not give back what it got. ${what}`,
    'This store lacks a part of S3 that FineTune Lab needs; use another one.',
  )
}

/** Whether a store refused a request as one that it does not know. */
function falseIfNotKnown(error: unknown): false {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  if (status === 400 || status === 405 || status === 501) return false
  throw error
}
