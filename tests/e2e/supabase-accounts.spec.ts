import type { Page } from '@playwright/test'
import { makeProjectUser, type ProjectUser } from '#tests/support/supabase/project-user.ts'
import { type SupabaseDouble, startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { conversations, jsonLines } from './support/sample-files.ts'
import { test as base, expect } from './support/test.ts'

/** With AUTH=supabase: the accounts and the store are those of a Supabase project. */
interface Project {
  double: SupabaseDouble
  ada: ProjectUser
  eve: ProjectUser
}

const test = base.extend<object, { project: Project }>({
  project: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
    async ({}, use) => {
      const double = await startSupabaseDouble()
      const [ada, eve] = [await makeProjectUser(double, 'Ada'), await makeProjectUser(double, 'Eve')]
      await use({ double, ada, eve })
      await double.close()
    },
    { scope: 'worker' },
  ],
  settings: [
    async ({ project: { double } }, use) =>
      use({
        AUTH: 'supabase',
        SUPABASE_URL: double.url,
        SUPABASE_ANON_KEY: double.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: double.serviceRoleKey,
      }),
    { scope: 'worker' },
  ],
})

test.use({ area: 'supabase-accounts', signedIn: false })

async function signIn(page: Page, { email, password }: Pick<ProjectUser, 'email' | 'password'>) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function signOut(page: Page) {
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

test('Somebody of the project signs in, stores a dataset there as themselves, and signs out; a stranger sees nothing of it', async ({
  page,
  consoleWatch,
  project: { double, ada, eve },
}) => {
  consoleWatch.allow(/Failed to load resource: .* (401|404)/)
  await test.step('A password that is wrong is said to be so, and an empty one too', async () => {
    await page.goto('/datasets')
    await expect(page).toHaveURL('/login?next=%2Fdatasets')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true')
    await signIn(page, { ...ada, password: 'not this one' })
    await expect(page.getByText('Email and password do not belong together')).toBeVisible()
    await expect(page.getByLabel('Password')).toBeFocused()
    await expectAccessible(page, 'a wrong password')
    await atWidths(page, 'supabase-wrong-password')
  })

  await test.step('The right one leads to where one wanted to go', async () => {
    await signIn(page, ada)
    await expect(page).toHaveURL('/datasets')
    await expect(page.getByText('A dataset is what you train on, and you have none yet.')).toBeVisible()
    expect(await page.evaluate(() => document.cookie), 'no script can read the session').toBe('')
  })

  double.storageCallers.length = 0
  await test.step('A file goes to Supabase Storage with its owner’s own token', async () => {
    await page.getByLabel('Dataset file').setInputFiles(jsonLines('talk.jsonl', conversations(12)))
    await expect(
      page.getByLabel('Storage Provider').getByRole('radio', { name: 'Supabase Storage (RunPod, Lambda)' }),
    ).toBeChecked()
    await page.getByLabel('Name').fill('Talks of Ada')
    await page.getByRole('button', { name: 'Upload dataset' }).click()
    await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
  })
  await page.getByRole('link', { name: 'Open it' }).click()
  await expect(page.getByRole('region', { name: /^Content of row/ })).toContainText('Question 1:')
  await atWidths(page, 'supabase-dataset')
  const address = page.url()
  const callers = double.storageCallers.map(({ role, sub }) => `${role} ${sub}`)
  expect(new Set(callers)).toEqual(new Set([`authenticated ${ada.id}`]))

  await test.step('The account says who one is, and where', async () => {
    await page.goto('/settings/account')
    await expect(page.getByText(ada.email)).toBeVisible()
    await expect(page.getByText('Of your account in the Supabase project.')).toBeVisible()
    await atWidths(page, 'supabase-account')
  })

  await test.step('After signing out nothing is left to see', async () => {
    await signOut(page)
    await page.goto(address)
    await expect(page).toHaveURL(/\/login\?next=/)
    await page.goBack()
    await expect(page.getByText('Talks of Ada')).toHaveCount(0)
  })

  await test.step('A stranger finds nothing in the list, and nothing at the address', async () => {
    await page.goto('/login')
    await signIn(page, eve)
    await expect(page.getByText('A dataset is what you train on, and you have none yet.')).toBeVisible()
    await expect(page.getByText('Talks of Ada')).toHaveCount(0)
    await page.goto(address)
    await expect(page.getByText('There is no such dataset.')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Go to datasets' })).toHaveAttribute('href', '/datasets')
    await expect(page.getByText('Question 1:')).toHaveCount(0)
    await atWidths(page, 'supabase-stranger')
    await signOut(page)
  })

  await test.step('Its owner finds it again', async () => {
    await page.goto('/login')
    await signIn(page, ada)
    await expect(page.getByRole('row', { name: 'Talks of Ada' })).toContainText('Supabase')
  })
})

test('A project that does not answer is told from a wrong password', async ({
  page,
  consoleWatch,
  project: { double, ada },
}) => {
  consoleWatch.allow(/Failed to load resource: .* 50\d/)
  await page.goto('/login')
  double.isPaused = true
  await signIn(page, ada)
  await expect(page.getByRole('alert').filter({ hasText: 'Supabase Auth' })).toBeVisible()
  await expect(page.getByText('Email and password do not belong together')).toHaveCount(0)
  await atWidths(page, 'supabase-paused')
  double.isPaused = false
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL('/datasets')
})
