import { getSession } from '#lib/client/account.ts'
import { owner } from './support/sign-in-owner.ts'
import { expect, test } from './support/test.ts'

test.use({ area: 'settings' })

test('A token is shown once, works, says when it was used, and is dead when revoked', async ({
  page,
  application,
}) => {
  await page.goto('/settings/tokens')
  await expect(page.getByText('There is no token yet.')).toBeVisible()
  await page.getByLabel('Name').fill('Notebook')
  await page.getByRole('button', { name: 'Create token' }).click()
  const token = await page.locator('code').getByText(/^ftl_/).innerText()
  const asToken = { baseUrl: application.url, token }
  expect((await getSession(asToken)).user?.email).toBe(owner.email)

  await page.reload()
  await expect(page.getByText(token)).toHaveCount(0)
  const row = page.getByRole('row', { name: /Notebook/ })
  await expect(row).toContainText('just now')
  await row.getByRole('button', { name: 'Revoke Notebook' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByText('There is no token yet.')).toBeVisible()
  expect((await getSession(asToken)).user).toBeNull()
})

test('The theme is chosen once and kept', async ({ page }) => {
  await page.goto('/settings/account')
  await page.getByRole('radio', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await page.reload()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked()
})

test('Storage says what is there and how the rest is turned on', async ({ page }) => {
  await page.goto('/settings/storage')
  await expect(page.getByRole('region', { name: 'This machine' })).toContainText('Ready')
  await expect(page.getByRole('region', { name: 'Supabase', exact: true })).toContainText(
    'SUPABASE_SERVICE_ROLE_KEY=',
  )
  await expect(page.getByRole('region', { name: 'S3' }).getByRole('link')).toHaveAttribute(
    'href',
    '/settings/secrets',
  )
})

// Last, since it ends the other sessions of the account.
test('The password is changed only by who knows it, and the new one opens the door', async ({
  page,
  consoleWatch,
}) => {
  consoleWatch.allow(/40[01]/)
  await page.goto('/settings/account')
  await page.getByLabel('Current password').fill('not the password')
  await page.getByLabel('New password').fill('another long password')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('The current password is not right')).toBeVisible()
  await page.getByLabel('Current password').fill(owner.password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Password changed')).toBeVisible()

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByLabel('Email').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('Email and password do not belong together')).toBeVisible()
  await page.getByLabel('Password').fill('another long password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL('/datasets')
})
