import { openFrontDoor } from '#tests/support/app/front-door.ts'
import { quickSettings } from '#tests/support/app/quick-settings.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'
import { test as base } from './test.ts'

export interface Rented {
  runpod: RentedProvider
  lambda: RentedProvider
  huggingface: RentedProvider
}

interface Outside {
  rented: Rented
  settings: Record<string, string>
  /** Where machines find the application, once there is one. */
  leadTo: (url: string) => void
}

/** The application amid doubles of the providers and of a store that their machines can read. */
export const test = base.extend<object, { outside: Outside; rented: Rented; reached: undefined }>({
  outside: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
    async ({}, use) => {
      const door = await openFrontDoor()
      const supabase = await startSupabaseDouble()
      const rented = { runpod: await rentRunPod(), lambda: await rentLambda(), huggingface: await rentHub() }
      await use({
        rented,
        leadTo: door.leadTo,
        settings: {
          ...quickSettings,
          APP_BASE_URL: door.url,
          SUPABASE_URL: supabase.url,
          SUPABASE_ANON_KEY: supabase.anonKey,
          SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
          ...Object.assign({}, ...Object.values(rented).map(({ settings }) => settings)),
        },
      })
      await Promise.all(Object.values(rented).map((one) => one.close()))
      await supabase.close()
      await door.close()
    },
    { scope: 'worker' },
  ],
  rented: [async ({ outside }, use) => use(outside.rented), { scope: 'worker' }],
  settings: [async ({ outside }, use) => use(outside.settings), { scope: 'worker' }],
  reached: [
    async ({ outside, application }, use) => {
      outside.leadTo(application.url)
      await use(undefined)
    },
    { scope: 'worker', auto: true },
  ],
})

export { expect } from '@playwright/test'
