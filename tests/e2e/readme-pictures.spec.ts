import { join } from 'node:path'
import { createSampleDataset } from '#lib/client/uploads.ts'
import { latestLoss } from './support/latest-loss.ts'
import { launchSmokeTest, untilEnded } from './support/launch-smoke-test.ts'
import { expect, test } from './support/test.ts'

/** `npm run pictures` renews the pictures of the documentation: `docs/screenshots/<name>.png`. */
const folder = join(import.meta.dirname, '../../docs/screenshots')

test.use({ area: 'readme-pictures', colorScheme: 'light' })
test.skip(!process.env.KEEP_PICTURES, 'pictures are taken by npm run pictures')

test('The pictures of the documentation', async ({ page, api }) => {
  const picture = (name: string) => page.screenshot({ path: join(folder, `${name}.png`) })
  const { dataset } = await createSampleDataset(api)
  const earlier = await launchSmokeTest(api, dataset.id, 12)
  await untilEnded(api, earlier)

  await page.goto('/datasets')
  await expect(page.getByRole('row', { name: dataset.name })).toBeVisible()
  await picture('datasets')
  await page.goto(`/datasets/${dataset.id}`)
  await expect(page.getByRole('option').nth(5)).toBeVisible()
  await picture('dataset')
  await page.goto(`/training?dataset=${dataset.id}`)
  await expect(page.getByRole('checkbox', { name: dataset.name })).toBeChecked()
  await expect(page.getByRole('radio', { name: /RunPod/ })).toBeVisible()
  await picture('training')

  const running = await launchSmokeTest(api, dataset.id, 60)
  await page.goto(`/jobs/${running}`)
  await expect.poll(() => latestLoss(page), { timeout: 30_000 }).toBeLessThan(0.6)
  await expect(page.getByText(/^Step \d+ \/ \d+/)).toBeVisible()
  await picture('job')
})
