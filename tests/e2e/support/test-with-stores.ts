import { type RunPodDouble, startRunPodDouble } from '../../support/providers/runpod/start-runpod-double.ts'
import { type S3TestServer, startS3Server } from '../../support/s3-server/start-s3-server.ts'
import { type SupabaseUnderTest, startSupabase } from '../../support/supabase/start-supabase.ts'
import { test as base } from './test.ts'

export interface StoresUnderTest {
  supabase: SupabaseUnderTest
  s3: S3TestServer
  runpod: RunPodDouble
}

/** The first S3 server on a machine fetches its packages. */
const startMilliseconds = 240_000

/** An application with a Supabase project behind it, beside an S3 server and a RunPod that it may reach. */
export const test = base.extend<object, { stores: StoresUnderTest }>({
  stores: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern
    async ({}, use) => {
      const [supabase, s3, runpod] = await Promise.all([
        startSupabase(),
        startS3Server(),
        startRunPodDouble(),
      ])
      await use({ supabase, s3, runpod })
      await Promise.all([supabase.close(), s3.close(), runpod.close()])
    },
    { scope: 'worker', timeout: startMilliseconds },
  ],
  settings: [
    async ({ stores: { supabase, runpod } }, use) =>
      use({
        SUPABASE_URL: supabase.url,
        SUPABASE_ANON_KEY: supabase.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
        RUNPOD_API_URL: runpod.url,
        // The S3 server listens on this machine.
        ALLOW_PRIVATE_ADDRESSES: 'true',
      }),
    { scope: 'worker' },
  ],
})

export { expect } from '@playwright/test'
