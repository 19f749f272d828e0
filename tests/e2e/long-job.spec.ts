import type { Page } from '@playwright/test'
import { getSession } from '#lib/client/account.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { addRunningJob } from '#tests/support/app/running-job.ts'
import { seedCourse } from '#tests/support/app/seed-course.ts'
import { createDatabase, startPostgres } from '#tests/support/postgres/start-postgres.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { test as base, expect } from './support/test.ts'

/** The page of a job that has run for weeks holds, and answers while all of its log is read. */
const points = 100_000
const lines = 1_000_000

interface OwnDatabase {
  /** Null where there is no PostgreSQL, for this reason. */
  url: string | null
  missing: string
}

const test = base.extend<object, { database: OwnDatabase }>({
  database: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
    async ({}, use) => {
      const server = await startPostgres().catch((error: Error) => error)
      if (server instanceof Error) return use({ url: null, missing: server.message })
      await use({ url: await createDatabase(server.url), missing: '' })
      await server.close()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  settings: [
    async ({ database: { url } }, use) => use(url ? { DATABASE_URL: url } : {}),
    { scope: 'worker' },
  ],
})

// What a trace records of every step takes longer than the steps.
test.use({ area: 'long-job', trace: 'off' })
test.describe.configure({ mode: 'serial' })

let jobId: string

test.beforeAll(async ({ application, database: { url, missing } }) => {
  test.skip(url === null, missing)
  const { user } = await getSession({ baseUrl: application.url, token: application.token })
  const db = openPostgresDatabase(url!, (error) => {
    throw error
  })
  const job = await addRunningJob(db, { owner: user!.id })
  await seedCourse(db, { id: job.id, owner: user!.id }, { points, lines })
  await db.close()
  jobId = job.id
})

const log = (page: Page) => page.getByRole('region', { name: 'Log lines' })
const loss = (page: Page) => page.getByRole('figure', { name: /^Loss/ })

/** What the page holds of memory, after it has thrown away what nobody needs. */
async function heapBytes(page: Page): Promise<number> {
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  await client.detach()
  return usedSize
}

/** Has the page note when a task stops it from answering for longer than a second. */
const watchStalls = (page: Page) =>
  page.addInitScript(() => {
    const stalls: number[] = []
    Object.assign(window, { stalls })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) if (duration > 1000) stalls.push(Math.round(duration))
    }).observe({ type: 'longtask', buffered: true })
  })
/** Measured for whoever reads the report; a test that other work on the machine can fail would prove nothing. */
const note = (type: string, description: string) => test.info().annotations.push({ type, description })
const stalls = (page: Page) => page.evaluate(() => (window as unknown as { stalls: number[] }).stalls)

test('100,000 points and a million lines: the page is there, with all points and the end of the log', async ({
  page,
}) => {
  await page.goto('/jobs')
  await expect(page.getByRole('link', { name: 'A training of the tests' }).first()).toBeVisible()
  await watchStalls(page)
  const begun = performance.now()
  await page.goto(`/jobs/${jobId}`, { waitUntil: 'commit' })
  await expect(log(page)).toContainText(`line ${lines} of a long training`)
  await page.getByLabel('Search the log').fill(`line ${lines - 7} of`)
  await expect(log(page).locator('mark')).toHaveCount(1)
  note('seconds until it answers', ((performance.now() - begun) / 1000).toFixed(1))
  await page.getByLabel('Search the log').fill('')
  await expect(loss(page).locator('figcaption')).toContainText(/Training\s*[\d.]+/)
  await expect(loss(page)).toContainText('100,000')
  note('tasks of more than a second', (await stalls(page)).join(' ms, ') || 'none')
  expect(await heapBytes(page)).toBeLessThan(150e6)
  expect(await page.locator('*').count(), 'only what can be seen is in the page').toBeLessThan(2500)
  await expectAccessible(page, 'a long job')
  await atWidths(page, 'long-job')
})

test('All of the log is searched when asked, and scrolled through to its first line, while the page answers', async ({
  page,
}) => {
  await watchStalls(page)
  await page.goto(`/jobs/${jobId}`)
  await expect(log(page)).toContainText(`line ${lines} of a long training`)
  await page.getByLabel('Search the log').fill('line 77 of')
  await expect(page.getByText(/^0 of [\d,]+ lines match$/)).toBeVisible()
  await page.getByRole('button', { name: 'Search the earlier lines too' }).click()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await atWidths(page, 'long-job-searching')
  await expect(page.getByText('1 of 1,000,000 lines match')).toBeVisible({ timeout: 90_000 })
  await expect(log(page).locator('mark')).toHaveText('line 77 of')
  await expect(page.getByRole('button', { name: 'Search the earlier lines too' })).toHaveCount(0)
  note('tasks of more than a second', (await stalls(page)).join(' ms, ') || 'none')
  const bytes = await heapBytes(page)
  note('heap', `${Math.round(bytes / 1e6)} MB`)
  expect(bytes).toBeLessThan(400e6)

  await page.getByLabel('Search the log').fill('')
  await expect(page.getByText('1,000,000 lines', { exact: true })).toBeVisible()
  for (const [share, line] of [
    [0, 1],
    [0.5, lines / 2],
    [1, lines],
  ] as const) {
    await log(page).evaluate((element, at) => {
      element.scrollTop = at * (element.scrollHeight - element.clientHeight)
    }, share)
    await expect(log(page)).toContainText(`line ${line} of a long training`)
  }
  expect(await log(page).locator('*').count()).toBeLessThan(500)
  await page.getByLabel('Search the log').fill('no such line')
  await expect(page.getByText('0 of 1,000,000 lines match')).toBeVisible()
  note('tasks of more than a second', (await stalls(page)).join(' ms, ') || 'none')
  await page.getByRole('link', { name: 'Datasets' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible()
})
