import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { StorageService } from '#lib/storage/storage-service.ts'

export type BareTool =
  | 'lib-storage, sha256'
  | 'lib-storage'
  | 'tus-js-client, sha256'
  | 'tus-js-client'
  | 'cp, sha256sum, sync'
  | 'cp, sync'

/** What a lane is told, as JSON in its only argument. */
export interface LaneOrder {
  store: 's3' | 'supabase' | 'local'
  /** The adapter of the store, or one of the bare tools that do the same. */
  tool: 'adapter' | BareTool
  file: string
  folder: string
  s3: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string }
  supabase: { url: string; serviceRoleKey: string }
}

export interface LaneResult {
  putSeconds: number
  getSeconds: number
  /** Largest resident size until now, less the size before the first put. */
  peakBytes: number
}

interface Lane {
  put(key: string): Promise<void>
  get(key: string): Promise<void>
  remove(key: string): Promise<void>
}

/**
 * One store, one way of using it, in a process of its own, so that its memory can be told from everything else's; with
 * only the modules that this way needs, since what the heap holds makes each collection of read buffers dearer. It says
 * that it is ready, and then puts, gets and removes the object once for each message, until nobody is there to send one:
 * what starting costs, and what memory the kernel has warm by then, is no matter of the store.
 */
if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as LaneOrder
  const lane = await (order.tool === 'adapter' ? adapterLane(order) : bareLane(order, order.tool))
  const key = `bench/datasets/${crypto.randomUUID()}.jsonl.gz`
  globalThis.gc?.()
  const idleBytes = process.memoryUsage().rss
  process.on('message', async () => {
    const putSeconds = await timed(() => lane.put(key))
    const getSeconds = await timed(() => lane.get(key))
    await lane.remove(key)
    const peakBytes = process.resourceUsage().maxRSS * 1024 - idleBytes
    process.send!({ putSeconds, getSeconds, peakBytes } satisfies LaneResult)
  })
  process.send!('ready')
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await run()
  return (performance.now() - started) / 1000
}

async function adapterLane(order: LaneOrder): Promise<Lane> {
  const storage = await adapterOf(order)
  return {
    async put(key) {
      await storage.put(key, createReadStream(order.file))
    },
    get: async (key) => drain(await storage.getRange(key)),
    async remove(key) {
      await storage.delete(key)
    },
  }
}

export async function adapterOf({ store, s3, supabase, folder }: LaneOrder): Promise<StorageService> {
  switch (store) {
    case 's3': {
      const { createS3StorageService } = await import('#lib/storage/s3-storage-service.ts')
      return createS3StorageService({ ...s3, forcePathStyle: true, allowPrivateAddresses: true })
    }
    case 'supabase': {
      const { createSupabaseStorageService } = await import('#lib/storage/supabase-storage-service.ts')
      return createSupabaseStorageService({
        url: supabase.url,
        apiKey: supabase.serviceRoleKey,
        token: async () => supabase.serviceRoleKey,
        actsAs: 'service',
      })
    }
    case 'local': {
      const { createLocalStorageService } = await import('#lib/storage/local-storage-service.ts')
      return createLocalStorageService({
        root: folder,
        signingKey: new Uint8Array(32),
        baseUrl: () => 'http://localhost',
      })
    }
  }
}

async function bareLane(order: LaneOrder, tool: BareTool): Promise<Lane> {
  switch (tool) {
    case 'lib-storage, sha256':
      return hashing(await bareS3(order), order)
    case 'lib-storage':
      return bareS3(order)
    case 'tus-js-client, sha256':
      return hashing(await bareSupabase(order), order)
    case 'tus-js-client':
      return bareSupabase(order)
    case 'cp, sha256sum, sync':
      return bareCopy(order, ' && sha256sum "$0" > /dev/null')
    case 'cp, sync':
      return bareCopy(order, '')
  }
}

/** Hashes the file while it is on its way: a client with the file at hand may read it twice. */
function hashing(lane: Lane, { file }: LaneOrder): Lane {
  return {
    ...lane,
    async put(key) {
      const hash = createHash('sha256')
      await Promise.all([lane.put(key), pipeline(createReadStream(file), hash)])
      hash.digest()
    },
  }
}

/** lib-storage as its own page shows it, with the part size that the adapter has. */
async function bareS3({ s3, file }: LaneOrder): Promise<Lane> {
  const [{ DeleteObjectCommand, GetObjectCommand, S3Client }, { Upload }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
  ])
  const { accessKeyId, secretAccessKey, endpoint, region, bucket: Bucket } = s3
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return {
    async put(Key) {
      const Body = createReadStream(file)
      await new Upload({ client, partSize: 8 << 20, queueSize: 4, params: { Bucket, Key, Body } }).done()
    },
    async get(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      await drain(Body as AsyncIterable<Uint8Array>)
    },
    async remove(Key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
  }
}

/** tus-js-client reading a file, as Supabase's documentation shows it. */
async function bareSupabase({ supabase, file }: LaneOrder): Promise<Lane> {
  const { Upload } = await import('tus-js-client')
  const headers = { authorization: `Bearer ${supabase.serviceRoleKey}` }
  const bucket = `${supabase.url}/storage/v1/object/training-datasets`
  return {
    put: (key) =>
      new Promise((resolve, reject) =>
        new Upload(createReadStream(file), {
          endpoint: `${supabase.url}/storage/v1/upload/resumable`,
          headers,
          chunkSize: 6 << 20,
          metadata: { bucketName: 'training-datasets', objectName: key, contentType: 'application/gzip' },
          onSuccess: () => resolve(),
          onError: reject,
        }).start(),
      ),
    async get(key) {
      const answer = await fetch(`${bucket}/${key}`, { headers })
      await drain(answer.body!)
    },
    async remove(key) {
      const answer = await fetch(bucket, {
        method: 'DELETE',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ prefixes: [key] }),
      })
      if (!answer.ok) throw new Error(`Removing ${key} answered ${answer.status}`)
    },
  }
}

/** A sync, since the adapter answers only when the bytes are on the disk; a pipe, since somebody has to receive them. */
function bareCopy({ folder, file }: LaneOrder, hash: string): Lane {
  const target = `${folder}/copy`
  return {
    put: () => shell(`cp "${file}" "${target}"${hash} && sync -d "${target}"`, file),
    get: () => shell(`cat "${target}" | wc -c > /dev/null`, file),
    remove: () => rm(target),
  }
}

function shell(command: string, argument: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', command, argument], { stdio: 'inherit' })
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command}: exit ${code}`))))
  })
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}
