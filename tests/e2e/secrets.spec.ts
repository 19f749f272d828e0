import type { Page, Route } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { listDatasets } from '#lib/client/datasets.ts'
import { saveSecret } from '#lib/client/secrets.ts'
import { uploadDataset } from '#lib/client/uploads.ts'
import { nothingAtS3 } from '#lib/secrets/secret-needs.ts'
import type { S3TestServer } from '../support/s3-server/start-s3-server.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { secretCard } from './support/put-in-aws-secret.ts'
import { conversations, jsonLines } from './support/sample-files.ts'
import { expect, test } from './support/test-with-stores.ts'

/** The page of secrets in the states that it has, each looked for, judged by axe in both themes, and pictured. */
test.use({ area: 'secrets' })

const labels = ['AWS', 'RunPod', 'Lambda', 'Hugging Face']

async function keepState(page: Page, name: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectAccessible(page, `secrets, ${name}, ${colorScheme}`)
  }
  await atWidths(page, `settings-secrets-${name}`)
}

const internal = (route: Route) =>
  route.fulfill({
    status: 500,
    json: {
      error: 'Something went wrong',
      code: 'internal',
      details: 'Try again in a moment.',
      request_id: '7c1f8a52-2f0e-4c67-9a0e-5f2c1d9b8e11',
    },
  })

const saveAws = (api: ApiConnection, s3: S3TestServer, changes: object) =>
  saveSecret(api, 'aws', {
    api_key: s3.accessKeyId,
    metadata: {
      aws: {
        secret_access_key: s3.secretAccessKey,
        s3_bucket: s3.bucket,
        region: s3.region,
        endpoint: s3.endpoint,
        ...changes,
      },
    },
  })

test('While the secrets are loaded the cards stand there already; a failure says so and can be tried again', async ({
  page,
  consoleWatch,
}) => {
  consoleWatch.allow(/500/)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/api/secrets', async (route) => {
    await held
    await internal(route)
  })
  await page.goto('/settings/secrets')
  await expect(page.getByRole('status').filter({ hasText: 'Loading the secrets' }).first()).toBeVisible()
  for (const label of labels) await expect(secretCard(page, label)).toBeVisible()
  await keepState(page, 'loading')
  release()
  await expect(page.getByText('The secrets could not be loaded')).toBeVisible({ timeout: 60_000 })
  await keepState(page, 'error')
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(secretCard(page, 'AWS')).toContainText('Not connected')
})

test('With no secret each card says what a key would be for', async ({ page }) => {
  await page.goto('/settings')
  await expect(page).toHaveURL('/settings/secrets')
  for (const label of labels) await expect(secretCard(page, label)).toContainText('Not connected')
  await expect(secretCard(page, 'Supabase Storage')).toContainText('Connected')
  await keepState(page, 'empty')
})

test('The palette leads here', async ({ page }) => {
  await page.goto('/jobs')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('secrets')
  await page.getByRole('option', { name: 'Settings: Secrets' }).click()
  await expect(page).toHaveURL('/settings/secrets')
})

test('The form says at each field what is wrong, goes back by the keyboard, and keeps nothing', async ({
  page,
  stores: { s3 },
  consoleWatch,
}) => {
  consoleWatch.allow(/400 .*\/api\/secrets\/aws/)
  await page.goto('/settings/secrets')
  const card = secretCard(page, 'AWS')
  const opener = card.getByRole('button', { name: 'Connect AWS' })
  await opener.focus()
  await page.keyboard.press('Enter')
  await expect(card.getByLabel('Access key ID')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(card.getByText('Paste the key')).toHaveCount(2)
  await expect(card.getByText('The name of a bucket, without s3:// and folders')).toBeVisible()
  await keepState(page, 'form-refused')

  await card.getByLabel('Access key ID').fill(s3.accessKeyId)
  await card.getByLabel('Secret access key').fill(s3.secretAccessKey)
  await card.getByLabel('Bucket', { exact: true }).fill(s3.bucket)
  await card.getByLabel('Endpoint').fill('http://169.254.169.254:80/latest')
  await card.getByRole('button', { name: 'Save and test' }).click()
  await expect(card.getByText('The secret was not saved')).toBeVisible()
  await expect(card.getByLabel('Endpoint')).toHaveAttribute('aria-invalid', 'true')

  await card.getByRole('button', { name: 'Cancel' }).click()
  await expect(opener).toBeFocused()
  await opener.click()
  await expect(card.getByLabel('Secret access key')).toHaveValue('')
})

test('A key that the store refuses is told from a bucket that is not there, each with what to do', async ({
  page,
  api,
  stores: { s3 },
}) => {
  const card = secretCard(page, 'AWS')
  const testIt = async () => {
    await page.goto('/settings/secrets')
    await card.getByRole('button', { name: 'Test connection of AWS' }).click()
    await expect(card.getByText(/steps failed\.$/)).toBeVisible({ timeout: 30_000 })
    await expect(card).toContainText('Test failed')
  }
  const failed = card.getByRole('listitem').filter({ hasText: 'Failed' })

  await test.step('no such bucket', async () => {
    await saveAws(api, s3, { s3_bucket: 'finetunelab-nowhere' })
    await testIt()
    await expect(failed).toHaveCount(1)
    await expect(failed).toContainText('Find the bucket in its region')
    await expect(failed).toContainText('What to do: Create the bucket')
    await expect(card.getByRole('listitem').filter({ hasText: 'not tried' })).toContainText('Store an object')
    await keepState(page, 'test-failed')
  })
  await test.step('a wrong secret', async () => {
    test.skip(s3.unproven.signatures !== null, s3.unproven.signatures ?? '')
    await saveAws(api, s3, { secret_access_key: 'wrong'.repeat(8) })
    await testIt()
    await expect(failed).toContainText('Sign in')
    await expect(failed).toContainText('Copy the access key id and the secret again')
  })
})

test('A connection that works is shown step by step: of the own S3 bucket, and of the project that all share', async ({
  page,
  api,
  stores: { s3 },
}) => {
  await saveAws(api, s3, {})
  await page.goto('/settings/secrets')
  for (const [label, place] of [
    ['AWS', 'AWS'],
    ['Supabase Storage', 'Supabase'],
  ] as const) {
    const card = secretCard(page, label)
    await card.getByRole('button', { name: `Test connection of ${place}` }).click()
    const report = card.getByRole('region', { name: `Connection test of ${place}` })
    await expect(report).toBeFocused()
    await expect(report.getByText(/^All \d+ steps passed\.$/)).toBeVisible()
    await expect(report.getByRole('listitem').filter({ hasText: 'Failed' })).toHaveCount(0)
    await expect(card).toContainText('Connected')
  }
  await expect(secretCard(page, 'AWS')).toContainText(/Last testPassed/)
  await keepState(page, 'test-passed')
})

const dataset = 'Orders of a restaurant, with the answers of its waiters'

test('Replacing a key says what is read with it; what is not typed again stays', async ({
  page,
  api,
  stores: { s3 },
}) => {
  await saveAws(api, s3, {})
  await uploadDataset(api, {
    file: new Blob([jsonLines('', conversations(12)).buffer.toString()]),
    fileName: 'rows.jsonl',
    fields: { name: dataset, storage_provider: 's3' },
  })
  await page.goto('/settings/secrets')
  const card = secretCard(page, 'AWS')
  await expect(card.getByText('Needed by 1 dataset')).toBeVisible()
  await card.getByRole('button', { name: 'Replace the AWS secret' }).click()
  await expect(card.getByText('1 dataset at S3 will be read with it')).toBeVisible()
  await expect(card.getByLabel('Access key ID')).toBeFocused()
  await keepState(page, 'replace')
  await card.getByLabel('Access key ID').fill(s3.accessKeyId)
  await card.getByLabel('Secret access key').fill(s3.secretAccessKey)
  await card.getByLabel('Description').fill('The key of this year')
  await card.getByRole('button', { name: 'Save and test' }).click()
  await expect(card.getByText(/^All \d+ steps passed\.$/)).toBeVisible()
  await expect(card).toContainText('The key of this year')
  await expect(card).toContainText(s3.bucket)
})

test('Another key under jobs that live is saved only when that is confirmed', async ({
  page,
  api,
  stores: { runpod },
  consoleWatch,
}) => {
  consoleWatch.allow(/ 409 .*\/api\/secrets\/runpod/)
  await saveSecret(api, 'runpod', { api_key: runpod.apiKey })
  // That the server refuses so while a job lives is tried where jobs can be made to live.
  await page.route('**/api/secrets/runpod', (route) =>
    route.request().method() === 'PUT'
      ? route.fulfill({
          status: 409,
          json: {
            error: 'Jobs are alive that the RunPod secret looks after',
            code: 'secret_in_use',
            details: ['Send ?confirm=true to save it all the same.'],
            request_id: crypto.randomUUID(),
            needed_by: {
              ...nothingAtS3,
              jobs: [{ id: crypto.randomUUID(), name: 'A long night of training', status: 'running' }],
              job_count: 1,
            },
          },
        })
      : route.continue(),
  )
  await page.goto('/settings/secrets')
  const card = secretCard(page, 'RunPod')
  const replace = card.getByRole('button', { name: 'Replace the RunPod secret' })
  await replace.click()
  await card.getByLabel('API key').fill(runpod.apiKey)
  await card.getByLabel('Description').fill('Of the other account')
  await card.getByRole('button', { name: 'Save and test' }).click()
  await expect(card.getByText('1 job may be out of its reach')).toBeVisible()
  await expect(card.getByRole('link', { name: 'A long night of training' })).toBeVisible()
  await keepState(page, 'replace-in-use')
  await card.getByRole('button', { name: 'Cancel' }).click()
  await expect(card).not.toContainText('Of the other account')

  await replace.click()
  await card.getByLabel('API key').fill(runpod.apiKey)
  await card.getByLabel('Description').fill('Of the other account')
  await card.getByRole('button', { name: 'Save and test' }).click()
  const confirmed = page.waitForRequest((request) =>
    request.url().endsWith('/api/secrets/runpod?confirm=true'),
  )
  await card.getByRole('button', { name: 'Save all the same' }).click()
  await confirmed
  await expect(card).toContainText('Of the other account')
})

test('Deleting a key lists what still needs it, and can be thought better of', async ({
  page,
  api,
  stores: { s3, runpod },
  consoleWatch,
}) => {
  // Rows of a dataset whose key is gone are asked for.
  consoleWatch.allow(/ 40\d .*\/api\/training\/dataset\//)
  await saveAws(api, s3, {})
  await saveSecret(api, 'runpod', { api_key: runpod.apiKey })
  await page.goto('/settings/secrets')

  await test.step('Nothing needs it', async () => {
    const card = secretCard(page, 'RunPod')
    const deletion = card.getByRole('button', { name: 'Delete the RunPod secret' })
    await deletion.click()
    const dialog = page.getByRole('dialog', { name: 'Delete the RunPod secret?' })
    await expect(dialog).toContainText('Nothing needs it at the moment.')
    await expect(dialog.getByRole('button', { name: 'Delete secret' })).toBeEnabled()
    await keepState(page, 'delete')
    await page.keyboard.press('Escape')
    await expect(deletion).toBeFocused()
    await deletion.click()
    await dialog.getByRole('button', { name: 'Delete secret' }).click()
    await expect(card).toContainText('Not connected')
    await expect(card.getByRole('button', { name: 'Connect RunPod' })).toBeFocused()
  })
  await test.step('A dataset needs it', async () => {
    const card = secretCard(page, 'AWS')
    await card.getByRole('button', { name: 'Delete the AWS secret' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete the AWS secret?' })
    await expect(dialog).toContainText('these datasets cannot be read. Nothing of them is deleted.')
    const needed = dialog.getByRole('listitem').filter({ hasText: dataset })
    await expect(needed).toContainText(`Dataset in s3://${s3.bucket}`)
    await expect(needed.getByRole('link')).toHaveAttribute('href', /^\/datasets\//)
    await keepState(page, 'delete-needed')
    await dialog.getByRole('button', { name: 'Delete all the same' }).click()
    await expect(card).toContainText('Not connected')
  })
  await test.step('The dataset says what it lacks, and is there again with the key', async () => {
    const { datasets } = await listDatasets(api, { provider: 's3' })
    const { id } = datasets.find(({ name }) => name === dataset)!
    await page.goto(`/datasets/${id}`)
    await expect(page.getByText('AWS not configured')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Settings > Secrets' })).toHaveAttribute(
      'href',
      '/settings/secrets',
    )
    await atWidths(page, 'settings-secrets-dataset-without-key')
    await saveAws(api, s3, {})
    await page.reload()
    await expect(page.getByRole('region', { name: /^Content of row/ })).toContainText('Question 1:')
  })
})
