import type { Page } from '@playwright/test'
import { createSampleDataset } from '#lib/client/uploads.ts'
import { expectAccessible } from './support/axe.ts'
import { launchSmokeTest, untilEnded } from './support/launch-smoke-test.ts'
import { brokenRows, jsonLines, kitchenAssistant } from './support/sample-files.ts'
import { expect, test } from './support/test.ts'

test.use({ area: 'accessibility' })

const themes = ['light', 'dark'] as const

/** Analyses the page in both themes without loading it twice. */
async function inBothThemes(page: Page, what: string) {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page, `${what}, ${colorScheme}`)
  }
}

test.describe('before anybody has signed in', () => {
  test.use({ signedIn: false })
  test('axe finds nothing on the page that makes the owner', async ({ page }) => {
    await page.goto('/login')
    await inBothThemes(page, 'create the owner')
    await page.getByRole('button', { name: 'Create owner' }).click()
    await expect(page.getByText('Tell us what to call you')).toBeVisible()
    await inBothThemes(page, 'create the owner, with errors')
  })
})

test('axe finds nothing on the pages while they are empty', async ({ page }) => {
  const pages = {
    '/datasets': 'A dataset is what you train on',
    '/training': 'Upload another dataset',
    '/jobs': 'No training has been launched yet.',
    '/settings/secrets': 'Not connected',
    '/settings/tokens': 'There is no token yet.',
    '/settings/storage': 'SUPABASE_URL=',
    '/settings/account': 'Change password',
  }
  for (const [path, sign] of Object.entries(pages)) {
    await page.goto(path)
    await expect(page.getByText(sign).first()).toBeVisible()
    await inBothThemes(page, path)
  }
})

test('axe finds nothing while a dataset comes in and is looked at', async ({ page, consoleWatch }) => {
  consoleWatch.allow(/422/)
  await page.goto('/datasets')
  await page.getByLabel('Dataset file').setInputFiles(kitchenAssistant)
  await expect(page.getByText('92 rows, no problem')).toBeVisible()
  await inBothThemes(page, 'the first check')
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  await inBothThemes(page, 'uploaded')
  await page.getByRole('button', { name: 'New dataset' }).click()
  await page.getByLabel('Dataset file').setInputFiles(jsonLines('broken.jsonl', brokenRows))
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await expect(page.getByRole('heading', { name: 'The file was refused' })).toBeVisible()
  await inBothThemes(page, 'refused')

  await page.getByRole('link', { name: 'kitchen-assistant' }).click()
  await expect(page.getByRole('option').first()).toBeVisible()
  await inBothThemes(page, 'rows')
  for (const tab of ['Statistics', 'Problems', 'Use it', 'Activity']) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(page.getByRole('tabpanel', { name: tab }).locator('*').first()).toBeVisible()
    await inBothThemes(page, tab)
  }
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await inBothThemes(page, 'the question before a deletion')
})

test('axe finds nothing on a form that is filled and on a job that has run', async ({ page, api }) => {
  const { dataset } = await createSampleDataset(api)
  const jobId = await launchSmokeTest(api, dataset.id)
  await untilEnded(api, jobId)

  await page.goto(`/training?dataset=${dataset.id}`)
  await expect(page.getByRole('checkbox', { name: dataset.name }).first()).toBeVisible()
  await page.getByText('Hyperparameters', { exact: true }).click()
  await inBothThemes(page, 'the training form')
  await page.goto('/jobs')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await inBothThemes(page, 'jobs')
  await page.goto(`/jobs/${jobId}`)
  await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible()
  await inBothThemes(page, 'a job')
  await page.goto(`/jobs/compare?ids=${jobId},${await launchSmokeTest(api, dataset.id)}`)
  await expect(page.getByRole('figure').first()).toBeVisible()
  await inBothThemes(page, 'compared jobs')
})

test('axe finds nothing on menus, the palette and the sheet of keys', async ({ page }) => {
  await page.goto('/jobs')
  await page.getByRole('button', { name: 'Account' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await inBothThemes(page, 'the account menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option', { name: 'Training', exact: true })).toBeVisible()
  await inBothThemes(page, 'the palette')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await inBothThemes(page, 'the sheet of keys')
})
