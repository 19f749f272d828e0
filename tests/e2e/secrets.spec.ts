import type { Page, Route } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { secretCard } from './support/put-in-aws-secret.ts'
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
  await expect(page.getByText('The secrets could not be loaded')).toBeVisible({ timeout: 20_000 })
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
