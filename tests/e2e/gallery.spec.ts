import { createSampleDataset, uploadDataset } from '#lib/client/uploads.ts'
import { atWidths, keepPictures } from './support/gallery.ts'
import { launchSmokeTest, untilEnded } from './support/launch-smoke-test.ts'
import { brokenRows, conversations, jsonLines, preferences } from './support/sample-files.ts'
import { expect, test } from './support/test.ts'

/** Every screen in the states that it has: each is reached for real, looked for, and pictured. */
test.use({ area: 'gallery' })

const arabic = 'محادثات خدمة العملاء باللغة العربية مع إجابات قصيرة ومفيدة '.repeat(3).trim()
const chinese = '用于微调语言模型的中文客户服务对话数据集，包含简短而有用的回答。'.repeat(5)
const pages = { datasets: '/datasets', training: '/training', jobs: '/jobs' } as const

test('Empty', async ({ page }) => {
  const signs = {
    datasets: 'A dataset is what you train on',
    training: 'Upload a dataset',
    jobs: 'No training has been launched yet.',
  }
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path)
    await expect(page.getByText(signs[name as keyof typeof signs]).first()).toBeVisible()
    await keepPictures(page, `${name}-empty`)
    await atWidths(page, `${name}-empty`)
  }
})

test('Loading, and a server that fails', async ({ page, consoleWatch }) => {
  consoleWatch.allow(/500/)
  for (const [name, path] of Object.entries(pages)) {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/api/training/**', async (route) => {
      await held
      await route.fulfill({
        status: 500,
        json: {
          error: 'Something went wrong',
          code: 'internal',
          details: 'Try again in a moment.',
          request_id: '7c1f8a52-2f0e-4c67-9a0e-5f2c1d9b8e11',
        },
      })
    })
    await page.goto(path)
    await expect(
      page
        .getByRole('status')
        .filter({ hasText: /Loading|Asking/ })
        .first(),
    ).toBeVisible()
    await keepPictures(page, `${name}-loading`)
    release()
    await expect(page.getByText('Something went wrong').first()).toBeVisible({ timeout: 60_000 })
    await keepPictures(page, `${name}-error`)
    await page.unrouteAll()
  }
})

test('One, long names, and many', async ({ page, api }) => {
  const upload = (name: string, rows: readonly unknown[]) =>
    uploadDataset(api, {
      file: new Blob([jsonLines('', rows).buffer.toString()]),
      fileName: 'rows.jsonl',
      fields: { name, storage_provider: 'local' },
    })
  const { dataset } = await createSampleDataset(api)
  await page.goto('/datasets')
  await expect(page.getByRole('row')).toHaveCount(2)
  await keepPictures(page, 'datasets-one')

  await upload(arabic.slice(0, 200), conversations(3))
  await upload(chinese.slice(0, 200), preferences)
  await page.reload()
  await expect(page.getByRole('row')).toHaveCount(4)
  await keepPictures(page, 'datasets-long-names')
  await atWidths(page, 'datasets-long-names')
  await page.getByRole('link', { name: arabic.slice(0, 20) }).click()
  await expect(page.getByRole('option').first()).toBeVisible()
  await keepPictures(page, 'dataset-long-name')
  await atWidths(page, 'dataset-long-name')

  for (let count = 0; count < 60; count++) await upload(`Evaluation set ${count + 1}`, conversations(2))
  await page.goto('/datasets')
  await page.getByRole('button', { name: 'Load more' }).click()
  await expect(page.getByRole('row')).toHaveCount(64)
  await keepPictures(page, 'datasets-many')

  const many = await upload('Two thousand rows', conversations(2000, 400))
  await page.goto(`/datasets/${many.dataset.id}?row=1500`)
  await expect(page.getByRole('option', { selected: true })).toContainText('1,500')
  await keepPictures(page, 'dataset-rows')
  await atWidths(page, 'dataset-rows')
  for (const tab of ['Statistics', 'Problems', 'Use it', 'Activity']) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(page.getByRole('tabpanel', { name: tab }).locator('*').first()).toBeVisible()
    await keepPictures(page, `dataset-${tab.toLowerCase().replaceAll(' ', '-')}`)
  }
  await page.goto(`/training?dataset=${dataset.id}`)
  await expect(page.getByRole('checkbox', { name: dataset.name })).toBeChecked()
  await keepPictures(page, 'training-chosen')
  await atWidths(page, 'training-chosen')
})

test('An upload that is judged, refused and done', async ({ page, consoleWatch }) => {
  consoleWatch.allow(/422/)
  // Rows are asked for from the beginning, also of a server that has not come to the upload yet.
  consoleWatch.allow(/404.*\/api\/training\/upload\//)
  await page.goto('/datasets')
  const file = page.getByLabel('Dataset file')
  await file.setInputFiles(jsonLines('talk.jsonl', conversations(40)))
  await expect(page.getByText('40 rows, no problem')).toBeVisible()
  await keepPictures(page, 'upload-judged')
  await atWidths(page, 'upload-judged')
  await file.setInputFiles(jsonLines('broken.jsonl', brokenRows))
  await expect(page.getByText('It would be refused as it is.')).toBeVisible()
  await keepPictures(page, 'upload-judged-broken')
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await expect(page.getByRole('heading', { name: 'The file was refused' })).toBeVisible()
  await keepPictures(page, 'upload-refused')
  await page.getByRole('button', { name: 'Store the good rows only' }).click()
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  await keepPictures(page, 'upload-done')
})

test('Jobs that run, have run and are compared', async ({ page, api }) => {
  const { dataset } = await createSampleDataset(api)
  const ended = await launchSmokeTest(api, dataset.id, 20)
  await untilEnded(api, ended)
  const running = await launchSmokeTest(api, dataset.id, 1000)
  await page.goto(`/jobs/${running}`)
  await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible({ timeout: 60_000 })
  await keepPictures(page, 'job-running')
  await page.goto('/jobs')
  await expect(page.getByRole('row').nth(2)).toBeVisible()
  await keepPictures(page, 'jobs-some')
  await atWidths(page, 'jobs-some')
  // The smoke test stops by itself after some seconds: one that is to be cancelled is launched just before.
  await untilEnded(api, running)
  const cancelled = await launchSmokeTest(api, dataset.id, 1000)
  await page.goto(`/jobs/${cancelled}`)
  await page.getByRole('button', { name: 'Cancel job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Cancelled' })).toBeVisible({ timeout: 30_000 })
  await keepPictures(page, 'job-cancelled')
  await page.goto(`/jobs/${ended}`)
  await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible()
  await keepPictures(page, 'job-succeeded')
  await atWidths(page, 'job-succeeded')
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Comparison' })).toContainText('1 job ticked')
  await page.getByRole('combobox', { name: 'Status' }).click()
  await page.getByRole('option', { name: 'Cancelled' }).click()
  await expect(page).toHaveURL(`/jobs?compare=${ended}&status=cancelled`)
  await page.reload()
  await expect(page.getByRole('combobox', { name: 'Status' })).toHaveText('Cancelled')
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.goto(`/jobs/compare?ids=${ended},${running}`)
  await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible()
  await keepPictures(page, 'jobs-compared')
})

test('Settings, menus and the way in', async ({ page, context, consoleWatch }) => {
  // What the page reads ahead, while it is offline.
  consoleWatch.allow(/ERR_INTERNET_DISCONNECTED/)
  for (const name of ['secrets', 'tokens', 'storage', 'account']) {
    await page.goto(`/settings/${name}`)
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible()
    await keepPictures(page, `settings-${name}`)
    await atWidths(page, `settings-${name}`)
  }
  await page.getByRole('button', { name: 'Account' }).click()
  await keepPictures(page, 'account-menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option').first()).toBeVisible()
  await keepPictures(page, 'palette')
  await page.keyboard.press('Escape')
  await context.setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible()
  await keepPictures(page, 'offline')
  await context.setOffline(false)
  await context.clearCookies()
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await keepPictures(page, 'sign-in')
  await atWidths(page, 'sign-in')
})
