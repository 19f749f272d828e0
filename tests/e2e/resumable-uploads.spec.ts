import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { listDatasets } from '#lib/client/datasets.ts'
import { listUploads } from '#lib/client/resumable-uploads.ts'
import { uploadDataset } from '#lib/client/uploads.ts'
import { writeRowsFile } from '../support/uploads/rows-file.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { conversations, jsonLines } from './support/sample-files.ts'
import { test as base, expect } from './support/test.ts'
import { openUploadLine, type UploadLine } from './support/upload-line.ts'

/** Uploads that are broken off, in the browser: each test sends the same file as a dataset of its own name. */
interface LongFile {
  path: string
  sizeBytes: number
}

const test = base.extend<
  { line: UploadLine },
  { folder: string; longFile: LongFile; resumableFile: LongFile }
>({
  // Three requests, and more.
  longFile: [async ({ folder }, use) => use(await fileOf(folder, 40_000_000)), { scope: 'worker' }],
  // One that is only just worth being sent in requests.
  resumableFile: [async ({ folder }, use) => use(await fileOf(folder, 9_000_000)), { scope: 'worker' }],
  folder: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'finetunelab-long-file-'))
      await use(folder)
      await rm(folder, { recursive: true })
    },
    { scope: 'worker' },
  ],
  line: async ({ application }, use) => {
    const line = await openUploadLine(application.url)
    await use(line)
    await line.close()
  },
  baseURL: async ({ line }, use) => use(line.url),
})

test.use({ area: 'resumable-uploads' })

async function fileOf(folder: string, bytes: number): Promise<LongFile> {
  const path = join(folder, `${bytes}.jsonl`)
  return { path, sizeBytes: await writeRowsFile(path, bytes) }
}

/** What a break may cost. */
const resentBytesMax = 16_000_000
/** A little more than one request: the next one has begun then. */
const holdAt = 13_000_000

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

test.beforeEach(async ({ consoleWatch }) => {
  // What breaks and what is refused is always logged by the browser.
  consoleWatch.allow(/Failed to load resource/)
})

async function choose(page: Page, file: LongFile, name: string) {
  await page.goto('/datasets?upload=1')
  await page.getByLabel('Dataset file').setInputFiles(file.path)
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Upload dataset' }).click()
}

async function untilHeld(line: UploadLine) {
  await expect.poll(() => line.isSilent, { message: 'the line is held' }).toBe(true)
}

/** The session once nobody writes to it, as it is after its sender went away. */
async function restingUpload(api: ApiConnection) {
  const only = async () => {
    const { uploads } = await listUploads(api)
    expect(uploads).toHaveLength(1)
    return uploads[0]!
  }
  await expect.poll(async () => (await only()).active).toBe(false)
  return only()
}

async function expectWhole(page: Page, api: ApiConnection, name: string, file: LongFile) {
  // The same bytes as in another test: whether they are wanted twice is another test's question.
  const again = page.getByRole('button', { name: 'Store them again' })
  const uploaded = page.getByRole('heading', { name: 'Uploaded' })
  await expect(again.or(uploaded)).toBeVisible()
  if (await again.isVisible()) await again.click()
  await expect(uploaded).toBeVisible()
  const { datasets } = await listDatasets(api)
  expect(datasets.find((one) => one.name === name)).toMatchObject({
    status: 'ready',
    raw_size_bytes: file.sizeBytes,
  })
  expect(new Set(datasets.map(({ sha256 }) => sha256)).size, 'the object is the same each time').toBe(1)
  expect((await listUploads(api)).uploads).toEqual([])
}

const bytesOf = ({ patches }: UploadLine) => patches.reduce((sum, { bytes }) => sum + bytes, 0)

test('Connections that break cost less than 16 MB each of what has left the browser', async ({
  page,
  api,
  line,
  longFile,
}) => {
  const costs: number[] = []
  line.holdAfter(holdAt)
  await choose(page, longFile, 'Broken twice')
  for (const isLast of [false, true]) {
    // The worst moment: the browser has handed over a whole request, and hardly any of it has arrived.
    await expect.poll(() => line.isSilent && line.patches.at(-1)!.bytes).toBeGreaterThan(12_000_000)
    const furthest = Math.max(...line.patches.map(({ offset, bytes }) => offset + bytes))
    const { length } = line.patches
    line.cut()
    await expect(page.getByText('The connection broke. Trying again.')).toBeVisible()
    if (!isLast) await atWidths(page, 'uploads-interrupted')
    line.release()
    if (!isLast) line.holdAfter(holdAt)
    await expect.poll(() => line.patches.length).toBeGreaterThan(length)
    costs.push(furthest - line.patches[length]!.offset)
  }
  await expectWhole(page, api, 'Broken twice', longFile)
  for (const cost of costs) {
    expect(cost, 'the browser was far ahead of what was safe').toBeGreaterThan(8_000_000)
    expect(cost).toBeLessThan(resentBytesMax)
  }
  const resentBytes = bytesOf(line) - longFile.sizeBytes
  expect(resentBytes).toBeGreaterThanOrEqual(costs.reduce((sum, cost) => sum + cost))
  expect(resentBytes).toBeLessThan(costs.length * resentBytesMax)
})

test('An upload is paused, says so, and goes on from where it was', async ({ page, api, line, longFile }) => {
  line.holdAfter(holdAt)
  await choose(page, longFile, 'Paused')
  await untilHeld(line)
  const running = panel(page, 'Uploading')
  await expect(running).toContainText('choose the same file again within 7 days')
  await running.getByRole('button', { name: 'Pause' }).click()
  const paused = panel(page, 'Paused')
  await expect(paused).toContainText(/Paused at .* MB of .* MB/)
  await expectAccessible(page, 'a paused upload')
  await atWidths(page, 'uploads-paused')
  const { offset } = await restingUpload(api)
  expect(offset).toBeGreaterThan(0)

  await test.step('What was sent is thrown away only after a question', async () => {
    await paused.getByRole('button', { name: 'Cancel upload' }).click()
    const question = page.getByRole('dialog', { name: 'Give this upload up?' })
    await expect(question).toContainText(/The .* MB that were sent are thrown away/)
    await question.getByRole('button', { name: 'Keep it' }).click()
    expect((await restingUpload(api)).offset).toBe(offset)
  })
  const sent = line.patches.length
  line.release()
  await paused.getByRole('button', { name: 'Go on' }).click()
  await expectWhole(page, api, 'Paused', longFile)
  expect(line.patches[sent]!.offset).toBe(offset)
  expect(bytesOf(line) - longFile.sizeBytes).toBeLessThan(resentBytesMax)
})

test('A page that is loaded again in the middle offers to go on with the same file, and with no other', async ({
  page,
  api,
  line,
  longFile,
}) => {
  line.holdAfter(holdAt)
  await choose(page, longFile, 'Loaded again')
  await untilHeld(line)
  await page.reload()
  await page.goto('/datasets?upload=1')
  const unfinished = page.getByRole('region', { name: 'Unfinished uploads' })
  const one = unfinished.getByRole('listitem')
  await expect(one).toContainText(/40000000\.jsonl.*\d+ % of .* MB sent, expires in/s)
  const goOn = one.getByRole('button', { name: 'Choose the file to go on' })
  await expect(goOn).toBeEnabled()
  const { offset } = await restingUpload(api)

  const file = one.getByLabel('Choose 40000000.jsonl again')
  await file.setInputFiles(jsonLines('other.jsonl', conversations(3)))
  await expect(one.getByRole('alert')).toHaveText('This is another file. Choose 40000000.jsonl again.')
  await expectAccessible(page, 'unfinished uploads')
  await atWidths(page, 'uploads-unfinished')

  const sent = line.patches.length
  line.release()
  await file.setInputFiles(longFile.path)
  await expectWhole(page, api, 'Loaded again', longFile)
  expect(offset).toBeGreaterThan(0)
  expect(line.patches[sent]!.offset).toBe(offset)
})

test('A second tab says that the first one is sending, waits its turn, and goes on when that one is closed', async ({
  page,
  context,
  api,
  line,
  longFile,
}) => {
  line.holdAfter(holdAt)
  await choose(page, longFile, 'Two tabs')
  await untilHeld(line)

  const second = await context.newPage()
  await second.goto('/datasets?upload=1')
  const one = second.getByRole('region', { name: 'Unfinished uploads' }).getByRole('listitem')
  await expect(one).toContainText('being sent at the moment')
  await expect(one.getByRole('button', { name: 'Choose the file to go on' })).toBeDisabled()

  const refused = second.waitForResponse((response) => response.request().method() === 'PATCH')
  await choose(second, longFile, 'Two tabs')
  const waiting = second
    .getByRole('status')
    .filter({ hasText: 'Another tab or machine is sending this file.' })
  await expect(waiting).toBeVisible()
  expect((await refused).status()).toBe(409)
  const sent = line.patches.length
  await atWidths(second, 'uploads-two-writers')
  for (let asked = 0; asked < 4; asked++)
    await second.waitForResponse(
      (response) =>
        response.request().method() === 'GET' && response.url().includes('/api/training/upload/tus/'),
    )
  await expect(waiting).toBeVisible()
  expect(line.patches, 'what would be refused is not sent').toHaveLength(sent)
  await page.close()
  line.release()
  await expectWhole(second, api, 'Two tabs', longFile)
  expect(line.patches[sent]!.offset).toBeGreaterThan(0)
})

test('Bytes that are there already: the owner is asked, and nothing is sent again for either answer', async ({
  page,
  api,
  line,
  resumableFile,
}) => {
  const { dataset: first } = await uploadDataset(api, {
    file: await openAsBlob(resumableFile.path),
    fileName: 'rows.jsonl',
    fields: { name: 'The first' },
  })
  const count = async () => (await listDatasets(api)).count
  const before = await count()
  await choose(page, resumableFile, 'Once more')
  const there = panel(page, 'Already there')
  await expect(there).toContainText('These very bytes are in this store already')
  await expect(there.getByRole('link')).toHaveAttribute('href', /^\/datasets\/[0-9a-f-]{36}$/)
  await expectAccessible(page, 'a duplicate')
  await atWidths(page, 'uploads-duplicate')
  const sent = bytesOf(line)
  expect(sent).toBeGreaterThanOrEqual(resumableFile.sizeBytes)

  await there.getByRole('button', { name: 'Use the one that is there' }).click()
  await expect(page.getByRole('heading', { name: 'New dataset' })).toBeVisible()
  await expect.poll(async () => (await listUploads(api)).uploads).toEqual([])
  expect(await count()).toBe(before)
  expect(bytesOf(line)).toBe(sent)

  await choose(page, resumableFile, 'Twice on purpose')
  await expect(there).toBeVisible()
  const sentTwice = bytesOf(line)
  expect(sentTwice).toBeGreaterThanOrEqual(sent + resumableFile.sizeBytes)
  await there.getByRole('button', { name: 'Store them again' }).click()
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  expect(await count()).toBe(before + 1)
  expect((await listDatasets(api)).datasets[0]).toMatchObject({
    name: 'Twice on purpose',
    sha256: first.sha256,
  })
  expect(bytesOf(line)).toBe(sentTwice)
})

test('A small file that is there already is asked about as well', async ({ page, api }) => {
  const file = jsonLines('small.jsonl', conversations(20))
  const send = async (name: string) => {
    await page.goto('/datasets?upload=1')
    await page.getByLabel('Dataset file').setInputFiles(file)
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Upload dataset' }).click()
  }
  await send('Small')
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  await send('Small again')
  const there = panel(page, 'Already there')
  await expect(there.getByRole('link', { name: 'Small' })).toBeVisible()
  await there.getByRole('button', { name: 'Store them again' }).click()
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  const named = (await listDatasets(api, { search: 'Small' })).datasets
  expect(named.map(({ name }) => name)).toEqual(['Small again', 'Small'])
  expect(named[0]!.sha256).toBe(named[1]!.sha256)
})
