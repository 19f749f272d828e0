import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeS3Key, type S3User } from './s3-user.ts'

interface Held {
  bytes: Buffer
  etag: string
  modified: Date
  headers: Record<string, string>
}

interface Unfinished {
  key: string
  headers: Record<string, string>
  parts: Map<number, Buffer>
}

const partBytesMin = 5 * 1024 * 1024

class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
}

/**
 * As much of S3 as the adapter uses, path style, in memory: objects, ranges, multipart, listing, and the expiry of
 * presigned links. It knows which access key may call but checks no signature: that takes a real server.
 */
export async function startInProcessS3(): Promise<S3User & { endpoint: string; close(): Promise<void> }> {
  const user = makeS3Key('STAND')
  const buckets = new Map<string, Map<string, Held>>()
  const uploads = new Map<string, Unfinished>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const [bucketName = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent)
    const key = rest.join('/')
    const body = await read(request)
    authorise(request, url, user.accessKeyId)
    if (!key && request.method === 'PUT') {
      if (!buckets.has(bucketName)) buckets.set(bucketName, new Map())
      return void response.writeHead(200).end()
    }
    const bucket = buckets.get(bucketName)
    if (!bucket) throw new Refusal(404, 'NoSuchBucket')
    if (!key) {
      if (url.searchParams.has('uploads')) return xml(response, listUploads(uploads, url.searchParams))
      return request.method === 'HEAD'
        ? void response.writeHead(200).end()
        : xml(response, listObjects(bucket, url.searchParams))
    }
    if (url.searchParams.has('uploads') || url.searchParams.has('uploadId')) {
      return multipart(request, response, url, key, bucket, uploads, body)
    }
    switch (request.method) {
      case 'PUT':
        checkDigest(request, body)
        if (request.headers['if-none-match'] === '*' && bucket.has(key))
          throw new Refusal(412, 'PreconditionFailed')
        bucket.set(key, held(body, describing(request)))
        return void response.writeHead(200, { etag: bucket.get(key)!.etag }).end()
      case 'DELETE':
        bucket.delete(key)
        return void response.writeHead(204).end()
      default:
        return send(request, response, bucket.get(key))
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      const { status, code } = error instanceof Refusal ? error : new Refusal(500, 'InternalError')
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...user,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function authorise(request: IncomingMessage, url: URL, accessKeyId: string): void {
  const signedLink = url.searchParams.get('X-Amz-Credential')
  const credential = signedLink ?? /Credential=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]
  if (!credential) throw new Refusal(403, 'AccessDenied')
  if (credential.split('/')[0] !== accessKeyId) throw new Refusal(403, 'InvalidAccessKeyId')
  if (!signedLink) return
  const stamp = url.searchParams.get('X-Amz-Date') ?? ''
  const signed = Date.parse(stamp.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))
  const lifetime = Number(url.searchParams.get('X-Amz-Expires')) * 1000
  if (!(Date.now() < signed + lifetime)) throw new Refusal(403, 'AccessDenied')
}

function checkDigest(request: IncomingMessage, body: Buffer): void {
  const claimed = String(request.headers['x-amz-content-sha256'] ?? '')
  if (!/^[0-9a-f]{64}$/.test(claimed)) return
  if (createHash('sha256').update(body).digest('hex') !== claimed)
    throw new Refusal(400, 'XAmzContentSHA256Mismatch')
}

function multipart(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  key: string,
  bucket: Map<string, Held>,
  uploads: Map<string, Unfinished>,
  body: Buffer,
): void {
  if (url.searchParams.has('uploads')) {
    const id = crypto.randomUUID()
    uploads.set(id, { key, headers: describing(request), parts: new Map() })
    xml(response, tag('InitiateMultipartUploadResult', tag('UploadId', id)))
    return
  }
  const id = url.searchParams.get('uploadId') ?? ''
  const upload = uploads.get(id)
  if (!upload) throw new Refusal(404, 'NoSuchUpload')
  switch (request.method) {
    case 'PUT':
      checkDigest(request, body)
      upload.parts.set(Number(url.searchParams.get('partNumber')), body)
      response.writeHead(200, { etag: md5(body) }).end()
      return
    case 'DELETE':
      uploads.delete(id)
      response.writeHead(204).end()
      return
    case 'GET':
      xml(response, listParts(upload, url.searchParams))
      return
    default: {
      bucket.set(key, held(Buffer.concat(completed(upload, String(body))), upload.headers))
      uploads.delete(id)
      xml(response, tag('CompleteMultipartUploadResult', tag('ETag', bucket.get(key)!.etag)))
    }
  }
}

function listParts({ parts }: Unfinished, query: URLSearchParams): string {
  const after = Number(query.get('part-number-marker') ?? 0)
  const numbers = [...parts.keys()].filter((number) => number > after).sort((a, b) => a - b)
  const page = numbers.slice(0, Math.min(Number(query.get('max-parts') ?? 1000), 1000))
  const entries = page.map((number) => {
    const bytes = parts.get(number)!
    const fields = [tag('PartNumber', number), tag('ETag', md5(bytes)), tag('Size', bytes.byteLength)]
    return tag('Part', fields.join(''), false)
  })
  const more = numbers.length > page.length
  const next = more ? tag('NextPartNumberMarker', page.at(-1)!) : ''
  return tag('ListPartsResult', `${tag('IsTruncated', more)}${next}${entries.join('')}`, false)
}

/** The parts that a completion names: each has to be there as named, in order, all but the last of 5 MiB or more. */
function completed({ parts }: Unfinished, order: string): Buffer[] {
  const named = [...order.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part!)?.[1]),
    etag: /<ETag>(.*?)</.exec(part!)?.[1]?.replaceAll('&quot;', '"'),
  }))
  if (named.length === 0) throw new Refusal(400, 'MalformedXML')
  return named.map(({ number, etag }, index) => {
    const bytes = parts.get(number)
    if (!bytes || md5(bytes) !== etag) throw new Refusal(400, 'InvalidPart')
    if (index > 0 && number <= named[index - 1]!.number) throw new Refusal(400, 'InvalidPartOrder')
    if (index < named.length - 1 && bytes.byteLength < partBytesMin) throw new Refusal(400, 'EntityTooSmall')
    return bytes
  })
}

function send(request: IncomingMessage, response: ServerResponse, object: Held | undefined): void {
  if (!object) throw new Refusal(404, 'NoSuchKey')
  const common = { ...object.headers, etag: object.etag, 'last-modified': object.modified.toUTCString() }
  const size = object.bytes.byteLength
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (!asked) {
    response.writeHead(200, { ...common, 'content-length': size, 'accept-ranges': 'bytes' })
    response.end(request.method === 'HEAD' ? undefined : object.bytes)
    return
  }
  const start = Number(asked[1])
  if (start >= size) throw new Refusal(416, 'InvalidRange')
  const end = Math.min(asked[2] ? Number(asked[2]) : size - 1, size - 1)
  response.writeHead(206, {
    ...common,
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${size}`,
  })
  response.end(object.bytes.subarray(start, end + 1))
}

function listObjects(bucket: Map<string, Held>, query: URLSearchParams): string {
  const pageSize = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  const after = query.get('continuation-token') ?? ''
  const keys = [...bucket.keys()]
    .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
    .sort()
  const page = keys.slice(0, pageSize)
  const contents = page.map((key) => {
    const { bytes, modified } = bucket.get(key)!
    const fields = [
      tag('Key', key),
      tag('Size', bytes.byteLength),
      tag('LastModified', modified.toISOString()),
    ]
    return tag('Contents', fields.join(''), false)
  })
  const more = keys.length > page.length
  const next = more ? tag('NextContinuationToken', page.at(-1)!) : ''
  return tag('ListBucketResult', `${tag('IsTruncated', more)}${next}${contents.join('')}`, false)
}

function listUploads(uploads: Map<string, Unfinished>, query: URLSearchParams): string {
  const entries = [...uploads]
    .filter(([, { key }]) => key.startsWith(query.get('prefix') ?? ''))
    .map(([id, { key }]) => tag('Upload', tag('Key', key) + tag('UploadId', id), false))
  return tag('ListMultipartUploadsResult', entries.join(''), false)
}

function held(bytes: Buffer, headers: Record<string, string>): Held {
  // S3 counts time in whole seconds.
  return { bytes, headers, etag: md5(bytes), modified: new Date(Math.floor(Date.now() / 1000) * 1000) }
}

function describing(request: IncomingMessage): Record<string, string> {
  const kept = Object.entries(request.headers).filter(
    ([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}

const md5 = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`

function tag(
  name: string,
  content: string | number | boolean,
  leaf = typeof content !== 'string' || !content.startsWith('<'),
) {
  const text = leaf ? String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;') : content
  return `<${name}>${text}</${name}>`
}

function xml(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${text}`)
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
