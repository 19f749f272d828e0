import { join } from 'node:path'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import type { ObjectTable } from './object-table.ts'
import { StorageRefusal } from './storage-refusal.ts'
import type { ProjectTokens } from './tokens.ts'

/** TUS refusals have true statuses and plain text, but those of the token check, which are 400 and JSON. */
function plain(error: unknown): unknown {
  if (!(error instanceof StorageRefusal)) return error
  const ofToken = error.code === 'InvalidJWT'
  return { status_code: ofToken ? 400 : error.statusCode, body: ofToken ? error.body() : error.message }
}

async function worded<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    throw plain(error)
  }
}

/** Supabase's resumable endpoint: a real TUS server whose finished uploads become objects. */
export function resumableApi(options: {
  path: string
  dir: string
  objects: ObjectTable
  tokens: ProjectTokens
}): { server: Server; forgetSessions(): Promise<void> } {
  const { path, dir, objects, tokens } = options
  const store = new FileStore({ directory: dir })
  /** What each upload will be. */
  const targets = new Map<string, { bucket: string; name: string }>()

  const server = new Server({
    path,
    datastore: store,
    respectForwardedHeaders: true,
    async onIncomingRequest(request, uploadId) {
      await worded(async () => {
        const caller = await tokens.caller(request.headers.get('authorization'))
        const target = targets.get(uploadId)
        const isStranger = target && !objects.allows(caller, target.bucket, target.name)
        if (isStranger) throw new StorageRefusal(403, 'AccessDenied', 'Unauthorized', 'Access denied')
      })
    },
    async onUploadCreate(request, upload) {
      return worded(async () => {
        const caller = await tokens.caller(request.headers.get('authorization'))
        const { bucketName, objectName, contentType } = upload.metadata ?? {}
        objects.checkInsert({
          caller,
          bucket: bucketName ?? '',
          name: objectName ?? '',
          upsert: request.headers.get('x-upsert') === 'true',
          contentType: contentType ?? 'application/octet-stream',
          sizeBytes: upload.size ?? null,
        })
        targets.set(upload.id, { bucket: bucketName ?? '', name: objectName ?? '' })
        return {}
      })
    },
    async onUploadFinish(_, upload) {
      const { bucketName, objectName, contentType, metadata } = upload.metadata ?? {}
      const limit = objects.buckets.get(bucketName ?? '')?.objectBytesMax ?? null
      if (limit !== null && upload.offset > limit) throw { status_code: 413, body: 'Maximum size exceeded' }
      await objects.publish(join(dir, upload.id), {
        bucket: bucketName ?? '',
        name: objectName ?? '',
        contentType: contentType ?? 'application/octet-stream',
        metadata: metadata ? JSON.parse(metadata) : {},
      })
      return { headers: { 'Tus-Complete': '1' } }
    },
  })

  return {
    server,
    async forgetSessions() {
      for (const id of targets.keys()) await store.remove(id).catch(() => {})
    },
  }
}
