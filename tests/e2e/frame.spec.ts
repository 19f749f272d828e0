import { createSampleDataset } from '#lib/client/uploads.ts'
import { expect, test } from './support/test.ts'

test.use({ area: 'frame' })

test('Ctrl K finds pages and datasets, and gives the focus back', async ({ page, api }) => {
  const { dataset } = await createSampleDataset(api)
  await page.goto('/jobs')
  await page.getByRole('button', { name: 'Search and go' }).focus()
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Search and go' })
  await expect(palette.getByPlaceholder('Find a page or a dataset')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Search and go' })).toBeFocused()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('kitchen')
  await expect(palette.getByRole('option', { name: dataset.name })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`/datasets/${dataset.id}`)
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toContainText(dataset.name)
  await expect(page).toHaveTitle(`${dataset.name} · FineTune Lab`)
})

test('? shows the keys, and g with a letter goes to a section', async ({ page }) => {
  await page.goto('/datasets')
  await expect(page.getByRole('heading', { name: 'Datasets', level: 1 })).toBeVisible()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(sheet).toContainText('Next row')
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  for (const [key, path] of [
    ['t', '/training'],
    ['j', '/jobs'],
    ['s', '/settings/secrets'],
    ['d', '/datasets'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page).toHaveURL(path)
  }
})

test('On a phone the navigation is a bar at the bottom', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 740 })
  await page.goto('/datasets')
  const bar = page.getByRole('navigation', { name: 'Main' })
  await expect(bar).toBeInViewport()
  await bar.getByRole('link', { name: 'Jobs' }).click()
  await expect(page).toHaveURL('/jobs')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
})

test('A session that ends in the middle leads to the sign-in page and back', async ({
  page,
  context,
  consoleWatch,
}) => {
  consoleWatch.allow(/401/)
  await page.goto('/datasets?format=kto')
  await expect(page.getByText('No such dataset yet.')).toBeVisible()
  await context.clearCookies()
  await page.getByLabel('Show only').selectOption('DPO')
  await expect(page).toHaveURL(/\/login\?next=%2Fdatasets%3Fformat%3Ddpo$/)
})

test('Without a connection the page says so, and what was there stays', async ({
  page,
  context,
  consoleWatch,
}) => {
  consoleWatch.allow(/ERR_INTERNET_DISCONNECTED/)
  await page.goto('/datasets')
  await expect(page.getByRole('tab', { name: /^All/ })).toBeVisible()
  await context.setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible()
  await page.getByLabel('Show only').selectOption('KTO')
  await expect(page.getByText('FineTune Lab could not be reached').first()).toBeVisible()
  await context.setOffline(false)
  await expect(page.getByText('You are offline.')).toHaveCount(0)
})

test('An address that leads nowhere and an id that is nobody’s are said in words', async ({
  page,
  consoleWatch,
}) => {
  consoleWatch.allow(/404/)
  await page.goto('/nowhere')
  await expect(page.getByText('There is nothing at this address.')).toBeVisible()
  await page.goto('/datasets/00000000-0000-4000-8000-000000000000')
  await expect(page.getByText('There is no such dataset')).toBeVisible()
  await page.goto('/jobs/00000000-0000-4000-8000-000000000000')
  await expect(page.getByText('There is no such job')).toBeVisible()
})
