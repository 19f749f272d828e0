import { defineConfig } from '@playwright/test'
import { systemChromium } from './scripts/system-chromium.ts'

/** The distribution's browser where there is one, else Playwright's own. */
const executablePath = systemChromium()

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  // Each file starts the application; a small machine bears one at a time.
  workers: 1,
  // A test goes through many pages, each with axe in both themes: minutes where two cores are busy.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: process.env.CI ? [['list'], ['html', { open: 'never' }]] : [['list']],
  forbidOnly: Boolean(process.env.CI),
  // A second try there is shown as flaky; here a test that fails once has failed.
  retries: process.env.CI ? 1 : 0,
  use: {
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    locale: 'en-GB',
    actionTimeout: 30_000,
    // To record one takes a third of the time: where there is a second try, that one is recorded.
    trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
    },
  },
})
