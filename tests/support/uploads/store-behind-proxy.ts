import type { ApiConnection } from '#lib/client/api-connection.ts'
import { createS3StorageService } from '#lib/storage/s3-storage-service.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { createSupabaseStorageService } from '#lib/storage/supabase-storage-service.ts'
import type { Fault } from '../fault-proxy.ts'
import { startS3Server } from '../s3-server/start-s3-server.ts'
import { startSupabase } from '../supabase/start-supabase.ts'
import { refusals } from '../supabase/storage-refusal.ts'

/** A store that an application reaches by another address, where a test can break what goes by. */
export interface StoreBehind {
  /** Its own address: the proxy's target. */
  url: string
  /** What the application has to be started with to go by `address`. */
  settings(address: string): Record<string, string>
  /** What its owner has to do before the first upload. */
  prepare(api: ApiConnection, address: string): Promise<void>
  /** Past the proxy. */
  direct: StorageService
  /** How it says no to somebody without the right. */
  refusal: Fault
  close(): Promise<void>
}

export const startStoreBehind = (provider: 's3' | 'supabase'): Promise<StoreBehind> =>
  ({ s3, supabase })[provider]()

async function s3(): Promise<StoreBehind> {
  const server = await startS3Server()
  const { accessKeyId, secretAccessKey: secret_access_key, region, bucket: s3_bucket } = server
  return {
    url: server.endpoint,
    settings: () => ({ ALLOW_PRIVATE_ADDRESSES: 'true' }),
    async prepare({ baseUrl, token }, endpoint) {
      const aws = { secret_access_key, region, s3_bucket, endpoint, force_path_style: true }
      const answer = await fetch(`${baseUrl}/api/secrets/aws`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ api_key: accessKeyId, metadata: { aws } }),
      })
      if (!answer.ok) throw new Error(`The key was not stored: ${await answer.text()}`)
    },
    direct: createS3StorageService({ ...server, forcePathStyle: true, allowPrivateAddresses: true }),
    refusal: {
      kind: 'answer',
      status: 403,
      body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
      headers: { 'content-type': 'application/xml' },
    },
    close: () => server.close(),
  }
}

async function supabase(): Promise<StoreBehind> {
  const project = await startSupabase()
  const { anonKey, serviceRoleKey } = project
  const refusal = refusals.accessDenied()
  return {
    url: project.url,
    settings: (address) => ({
      SUPABASE_URL: address,
      SUPABASE_ANON_KEY: anonKey,
      SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey,
    }),
    prepare: async () => {},
    direct: createSupabaseStorageService({
      url: project.url,
      apiKey: anonKey,
      token: async () => serviceRoleKey,
      actsAs: 'service',
    }),
    refusal: {
      kind: 'answer',
      status: refusal.httpStatus,
      body: refusal.body(),
      headers: { 'content-type': 'application/json' },
    },
    close: () => project.close(),
  }
}
