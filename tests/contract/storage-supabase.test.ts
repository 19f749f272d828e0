import { supabaseChunkBytes } from '#lib/storage/supabase/resumable-upload.ts'
import {
  createSupabaseStorageService,
  type SupabaseStorageOptions,
} from '#lib/storage/supabase-storage-service.ts'
import { unproxied } from '#tests/support/fault-proxy.ts'
import { type SupabaseUnderTest, startSupabase } from '#tests/support/supabase/start-supabase.ts'
import { projectTokens } from '#tests/support/supabase/tokens.ts'
import { describeStorage } from './storage.contract.ts'

let project: SupabaseUnderTest
const madeBuckets: string[] = []

describeStorage('supabase', {
  async start() {
    project = await startSupabase()
    const created = (changes: Partial<SupabaseStorageOptions> = {}) =>
      createSupabaseStorageService({
        url: project.url,
        apiKey: project.anonKey,
        token: async () => project.serviceRoleKey,
        actsAs: 'service',
        retryDelays: [20, 50, 100],
        ...changes,
      })
    return {
      server: project.double ? 'stand-in' : 'external',
      storage: created(),
      partBytes: supabaseChunkBytes,
      address: project.url,
      at: (url) => created({ url }),
      withWrongCredentials() {
        const wrong = projectTokens('another secret, thirty-two bytes or more').apiKey('service_role')
        return created({ token: () => wrong })
      },
      withMissingBucket: () => created({ bucket: 'no-such-bucket' }),
      async nearlyFull() {
        const bucket = `small-${crypto.randomUUID()}`
        madeBuckets.push(bucket)
        const headers = {
          authorization: `Bearer ${project.serviceRoleKey}`,
          'content-type': 'application/json',
        }
        const body = JSON.stringify({ id: bucket, name: bucket, public: false, file_size_limit: 1_000_000 })
        await fetch(`${project.url}/storage/v1/bucket`, { method: 'POST', headers, body })
        return created({ bucket })
      },
      async close() {
        const authorization = `Bearer ${project.serviceRoleKey}`
        for (const bucket of madeBuckets) {
          const address = `${project.url}/storage/v1/bucket/${bucket}`
          await fetch(address, { method: 'DELETE', headers: { authorization } })
        }
        await project.close()
      },
    }
  },
  excused() {
    const faults = unproxied(project.url)
    return faults ? { faults } : {}
  },
})
