import { test as base } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { type ConsoleWatch, watchConsole } from './console-watch.ts'
import { signInOwner } from './sign-in-owner.ts'
import { type Application, startApplication } from './start-application.ts'

interface WorkerOptions {
  /** Files that name another area get an application of their own. */
  area: string
  settings: Record<string, string>
}

interface WorkerFixtures extends WorkerOptions {
  application: Application
  /** Makes the owner's account when it is first asked for. */
  ownerState: () => ReturnType<typeof signInOwner>
}

interface TestFixtures {
  /** False: as somebody whom the application has never seen. */
  signedIn: boolean
  /** The same application without a browser, as its owner. */
  api: ApiConnection
  consoleWatch: ConsoleWatch
}

/** Starts the application once a file; every test has a clean console, or says what it expects there. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  area: ['', { scope: 'worker', option: true }],
  settings: [{}, { scope: 'worker', option: true }],
  signedIn: [true, { option: true }],

  application: [
    async ({ settings, area: _area }, use) => {
      const application = await startApplication(settings)
      await use(application)
      await application.stop()
    },
    { scope: 'worker' },
  ],
  ownerState: [
    async ({ application }, use) => {
      let state: ReturnType<typeof signInOwner> | undefined
      await use(() => {
        state ??= signInOwner(application.url)
        return state
      })
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ application }, use) => use(application.url),
  api: async ({ application }, use) => use({ baseUrl: application.url, token: application.token }),
  storageState: async ({ signedIn, ownerState }, use) => use(signedIn ? await ownerState() : undefined),
  consoleWatch: [
    async ({ page, application: _started }, use) => {
      const watch = watchConsole(page)
      await use(watch)
      watch.verify()
    },
    { auto: true },
  ],
})

export { expect } from '@playwright/test'
