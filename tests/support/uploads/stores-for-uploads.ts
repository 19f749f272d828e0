import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import { clientSettings, startS3Server } from '../s3-server/start-s3-server.ts'
import { startSupabaseDouble } from '../supabase/start-supabase-double.ts'

/** A store that an application in another process puts datasets in. */
export interface StoreForUploads {
  server: string
  /** What the application has to be started with. */
  settings: Record<string, string>
  /** What its owner has to do before the first upload. */
  prepare(api: ApiConnection): Promise<void>
  /** Unfinished uploads that it still holds. */
  leftovers(dataDir: string): Promise<string[]>
  close(): Promise<void>
}

export const startStoreForUploads = (store: StorageProvider): Promise<StoreForUploads> => starts[store]()

const starts = { local, s3, supabase } as const satisfies Record<
  StorageProvider,
  () => Promise<StoreForUploads>
>

async function local(): Promise<StoreForUploads> {
  return {
    server: 'this disk',
    settings: {},
    prepare: async () => {},
    leftovers: (dataDir) => readdir(join(dataDir, 'datasets', '.resumable')).catch(() => []),
    close: async () => {},
  }
}

async function s3(): Promise<StoreForUploads> {
  const server = await startS3Server()
  const client = new S3Client(clientSettings(server))
  return {
    server: server.kind,
    settings: { ALLOW_PRIVATE_ADDRESSES: 'true' },
    async prepare({ baseUrl, token }) {
      const { accessKeyId, secretAccessKey: secret_access_key, region, bucket: s3_bucket, endpoint } = server
      const aws = { secret_access_key, region, s3_bucket, endpoint, force_path_style: true }
      const answer = await fetch(`${baseUrl}/api/secrets/aws`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ api_key: accessKeyId, metadata: { aws } }),
      })
      if (!answer.ok) throw new Error(`The key was not stored: ${await answer.text()}`)
    },
    async leftovers() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.bucket }))
      return Uploads.map(({ Key }) => `multipart upload of ${Key}`)
    },
    async close() {
      client.destroy()
      await server.close()
    },
  }
}

async function supabase(): Promise<StoreForUploads> {
  const double = await startSupabaseDouble()
  return {
    server: 'stand-in',
    settings: {
      SUPABASE_URL: double.url,
      SUPABASE_ANON_KEY: double.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: double.serviceRoleKey,
    },
    prepare: async () => {},
    // Sessions that nobody ended expire there by themselves.
    leftovers: async () => [],
    close: double.close,
  }
}
