import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { ObjectTable, StoredRow } from './object-table.ts'
import { refusals, StorageRefusal } from './storage-refusal.ts'
import type { ProjectTokens } from './tokens.ts'

interface Call {
  request: IncomingMessage
  response: ServerResponse
  url: URL
  objects: ObjectTable
  tokens: ProjectTokens
}

/** The REST side of the service: `path` is what follows `/storage/v1`. */
export async function answerRest(call: Call, path: string): Promise<void> {
  try {
    await route(call, path)
  } catch (error) {
    const { response, request } = call
    if (!(error instanceof StorageRefusal)) throw error
    if (response.headersSent) return void response.destroy()
    response.writeHead(error.httpStatus, { 'content-type': 'application/json' })
    const unread = !request.complete && Number(request.headers['content-length'] ?? 0) > 0
    // What is refused early is not read to its end: the socket goes, and the client may see only that.
    response.end(request.method === 'HEAD' ? '' : error.body(), () => {
      if (unread) request.socket.destroy()
    })
  }
}

async function route(call: Call, path: string): Promise<void> {
  const [, kind = '', ...rest] = path.split('/').map(decodeURIComponent)
  const { method } = call.request
  if (kind === 'bucket') return bucketRoute(call, rest[0])
  if (kind !== 'object')
    throw new StorageRefusal(404, 'NotFound', 'Not Found', `Route ${method}:${path} not found`)
  const [verb = '', ...tail] = rest
  if (verb === 'list' && method === 'POST') return list(call, tail[0] ?? '')
  if (verb === 'info' && method === 'GET') return info(call, tail)
  if (verb === 'sign' && method === 'POST') return sign(call, tail)
  if (verb === 'sign') return linked(call, tail)
  if (method === 'DELETE' && rest.length === 1) return remove(call, verb)
  if (method === 'POST' || method === 'PUT') return upload(call, rest)
  return download(call, verb === 'authenticated' ? tail : rest)
}

async function bucketRoute(
  { request, response, objects, tokens }: Call,
  id: string | undefined,
): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  if (request.method === 'POST') {
    if (caller.role !== 'service_role') throw refusals.accessDenied()
    const body = await readJson(request)
    const name = String(body.name ?? body.id)
    objects.buckets.set(name, {
      id: name,
      objectBytesMax: (body.file_size_limit as number | undefined) ?? null,
      mimeTypes: (body.allowed_mime_types as string[] | undefined) ?? null,
    })
    return json(response, { name })
  }
  const bucket = objects.buckets.get(id ?? '')
  // Rows of `storage.buckets` have no policy for users.
  if (!bucket || caller.role !== 'service_role') throw refusals.noSuchBucket()
  json(response, { id: bucket.id, name: bucket.id, public: false, file_size_limit: bucket.objectBytesMax })
}

async function upload(
  { request, response, objects, tokens }: Call,
  [bucket = '', ...name]: string[],
): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  const contentType = request.headers['content-type'] ?? 'application/octet-stream'
  const length = request.headers['content-length']
  const key = name.join('/')
  objects.checkInsert({
    caller,
    bucket,
    name: key,
    upsert: request.headers['x-upsert'] === 'true' || request.method === 'PUT',
    contentType,
    // A raw stream of unknown length passes every limit, on the real server too.
    sizeBytes: length === undefined ? null : Number(length),
  })
  const file = await objects.receive(request)
  const described = request.headers['x-metadata']
  await objects.publish(file, {
    bucket,
    name: key,
    contentType,
    metadata: described ? JSON.parse(Buffer.from(String(described), 'base64').toString()) : {},
  })
  json(response, {
    Key: `${bucket}/${key}`,
    Id: objects.find({ role: 'service_role', sub: null }, bucket, key).id,
  })
}

async function download(
  { request, response, objects, tokens }: Call,
  [bucket = '', ...name]: string[],
): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  await send(request, response, objects.find(caller, bucket, name.join('/')))
}

async function info(
  { request, response, objects, tokens }: Call,
  [bucket = '', ...name]: string[],
): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  const row = objects.find(caller, bucket, name.join('/'))
  json(response, {
    id: row.id,
    name: row.name,
    bucket_id: row.bucket,
    size: row.sizeBytes,
    content_type: row.contentType,
    cache_control: 'max-age=3600',
    etag: `"${row.id}"`,
    metadata: row.metadata,
    last_modified: row.createdAt.toISOString(),
    created_at: row.createdAt.toISOString(),
  })
}

async function sign(
  { request, response, url, objects, tokens }: Call,
  [bucket = '', ...name]: string[],
): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  const { expiresIn } = await readJson(request)
  objects.find(caller, bucket, name.join('/'))
  const path = `${bucket}/${name.join('/')}`
  const token = await tokens.linkToken(path, Number(expiresIn))
  json(response, { signedURL: `/object/sign/${url.pathname.split('/object/sign/')[1]}?token=${token}` })
}

async function linked({ request, response, url, objects, tokens }: Call, path: string[]): Promise<void> {
  const signed = await tokens.linkUrl(url.searchParams.get('token') ?? '')
  if (signed !== path.join('/')) throw refusals.linkOfAnother()
  const [bucket = '', ...name] = path
  const row = objects.find({ role: 'service_role', sub: null }, bucket, name.join('/'))
  const downloadName = url.searchParams.get('download')
  if (downloadName) response.setHeader('content-disposition', `attachment; filename="${downloadName}"`)
  await send(request, response, row)
}

async function remove({ request, response, objects, tokens }: Call, bucket: string): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  const { prefixes } = await readJson(request)
  if (!Array.isArray(prefixes) || prefixes.length === 0) {
    throw new StorageRefusal(400, 'InvalidRequest', 'Error', 'body/prefixes must NOT have fewer than 1 items')
  }
  const removed = await objects.remove(caller, bucket, prefixes.map(String))
  json(
    response,
    removed.map(({ id, name }) => ({ id, name, bucket_id: bucket })),
  )
}

async function list({ request, response, objects, tokens }: Call, bucket: string): Promise<void> {
  const caller = await tokens.caller(request.headers.authorization)
  const { prefix = '', limit = 100, offset = 0 } = await readJson(request)
  const entries = objects
    .list(caller, bucket, String(prefix))
    .slice(Number(offset), Number(offset) + Number(limit))
  json(
    response,
    entries.map((entry) =>
      'folder' in entry
        ? { name: entry.folder, id: null, updated_at: null, created_at: null, metadata: null }
        : {
            name: entry.name.split('/').at(-1),
            id: entry.id,
            updated_at: entry.createdAt.toISOString(),
            created_at: entry.createdAt.toISOString(),
            metadata: { size: entry.sizeBytes, mimetype: entry.contentType },
          },
    ),
  )
}

async function send(request: IncomingMessage, response: ServerResponse, row: StoredRow): Promise<void> {
  const { range } = request.headers
  const size = row.sizeBytes
  const common = {
    'content-type': row.contentType,
    'accept-ranges': 'bytes',
    etag: `"${row.id}"`,
    'last-modified': row.createdAt.toUTCString(),
  }
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (range && (!asked || Number(asked[1]) >= size)) throw refusals.invalidRange()
  const start = asked ? Number(asked[1]) : 0
  const end = asked?.[2] ? Math.min(Number(asked[2]), size - 1) : size - 1
  response.writeHead(asked ? 206 : 200, {
    ...common,
    'content-length': end - start + 1,
    ...(asked ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  })
  if (request.method === 'HEAD' || size === 0) return void response.end()
  await pipeline(createReadStream(row.file, { start, end }), response).catch(() => {})
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}')
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
