import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { latestLoss } from './support/latest-loss.ts'
import { kitchenAssistant } from './support/sample-files.ts'
import { owner } from './support/sign-in-owner.ts'
import { expect, test } from './support/test.ts'

test.use({ area: 'main-job', signedIn: false })

test('From the first start to a trained model, and away with all of it', async ({ page }) => {
  test.setTimeout(240_000)

  await test.step('The first visitor makes the owner', async () => {
    await page.goto('/')
    await expect(page).toHaveURL('/login?next=%2F')
    await expect(page.getByRole('heading', { name: 'Create the owner' })).toBeVisible()
    await page.getByLabel('Name').fill(owner.name)
    await page.getByLabel('Email').fill(owner.email)
    await page.getByLabel('Password').fill(owner.password)
    await page.getByRole('button', { name: 'Create owner' }).click()
    await expect(page).toHaveURL('/datasets')
    await expect(page.getByText('A dataset is what you train on, and you have none yet.')).toBeVisible()
  })

  await test.step('A file is judged as soon as it is chosen', async () => {
    await page.getByLabel('Dataset file').setInputFiles(kitchenAssistant)
    const check = page.getByRole('region', { name: 'First check' })
    await expect(check.getByText('92 rows, no problem')).toBeVisible()
    await expect(check.getByText('The first 3 rows, as trained on')).toBeVisible()
    await expect(page.getByLabel('Name')).toHaveValue('kitchen-assistant')
  })

  await test.step('It is uploaded to this machine', async () => {
    await page.getByLabel('Name').fill('Kitchen talk')
    await page.getByLabel('Description').fill('Short answers about cooking')
    await expect(page.getByRole('radio', { name: 'This machine (local training)' })).toBeChecked()
    await page.getByRole('button', { name: 'Upload dataset' }).click()
    await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
    const row = page.getByRole('row', { name: /Kitchen talk/ })
    await expect(row).toContainText('This machine')
    await row.getByRole('link', { name: 'Kitchen talk' }).click()
  })

  await test.step('Its rows can be read, moved through and linked to', async () => {
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Kitchen talk')
    const content = page.getByRole('region', { name: 'Content of row' })
    await expect(content).toContainText('How much is a teaspoon of salt in metric?')
    await page.keyboard.press('j')
    await expect(page.getByRole('heading', { name: 'Row 2' })).toBeVisible()
    await page.keyboard.press('k')
    await expect(page.getByRole('heading', { name: 'Row 1' })).toBeVisible()
    await page.getByLabel('Go to row').fill('92')
    await page.getByLabel('Go to row').press('Enter')
    await expect(page.getByRole('heading', { name: 'Row 92' })).toBeVisible()
    await expect(page).toHaveURL(/\?row=92$/)
    await page.getByLabel('Go to row').blur()
    await page.keyboard.press('r')
    await expect(content).toContainText('"messages": [')
    await page.reload()
    await expect(page.getByRole('option', { selected: true })).toContainText('92')
    await expect(content).toContainText('"messages": [')
  })

  await test.step('The download is plain gzip of the same rows', async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const file = await download
    expect(file.suggestedFilename()).toBe('Kitchen talk.jsonl.gz')
    const rows = gunzipSync(await readFile(await file.path()))
    expect(rows.toString().trimEnd().split('\n')).toHaveLength(92)
  })

  await test.step('A training on it is launched', async () => {
    await page.getByRole('link', { name: 'Train on it' }).click()
    await expect(page.getByRole('checkbox', { name: 'Kitchen talk' })).toBeChecked()
    await expect(page.getByRole('radio', { name: 'This machine' })).toBeChecked()
    await expect(page.getByRole('region', { name: 'Summary' })).toContainText(
      'on 92 examples of “Kitchen talk”',
    )
    await page.getByText('Hyperparameters', { exact: true }).click()
    await page.getByLabel('Epochs').fill('60')
    await page.getByRole('button', { name: 'Launch training' }).click()
    await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/)
  })

  await test.step('Its loss falls while it is watched', async () => {
    const status = page.getByRole('status').filter({ hasText: 'Smoke test on Kitchen talk:' })
    await expect(status).toHaveText(/Running/, { timeout: 30_000 })
    const first = await latestLoss(page)
    await expect.poll(() => latestLoss(page), { timeout: 30_000 }).toBeLessThan(first)
    await expect(status).toHaveText(/Running/)
    await expect(status).toHaveText(/Succeeded/, { timeout: 60_000 })
    expect(await latestLoss(page)).toBeLessThan(first)
    await page.getByLabel('Search the log').fill('is verified')
    await expect(page.getByRole('region', { name: 'Log lines' })).toContainText('Kitchen talk is verified')
    await expect(page.getByText('Bytes verified against the hash before training')).toBeVisible()
  })

  await test.step('Deleting what a job has used asks for its name', async () => {
    await page.getByRole('link', { name: 'Kitchen talk' }).first().click()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete this dataset?' })
    const confirm = dialog.getByRole('button', { name: 'Delete dataset' })
    await expect(dialog.getByLabel('Type its name to confirm')).toBeVisible()
    await expect(confirm).toBeDisabled()
    await dialog.getByLabel('Type its name to confirm').fill('Kitchen talk')
    await confirm.click()
    await expect(page).toHaveURL('/datasets')
    await expect(page.getByText('A dataset is what you train on, and you have none yet.')).toBeVisible()
  })
})
