import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { Page } from '@playwright/test'
import { getDatasetRows, listDatasets } from '#lib/client/datasets.ts'
import { storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import { clientSettings } from '../support/s3-server/start-s3-server.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { putInAwsSecret, secretCard } from './support/put-in-aws-secret.ts'
import { conversations, jsonLines } from './support/sample-files.ts'
import { expect, test } from './support/test-with-stores.ts'

/** The choice of a store, from the first key to the last: each step stands on the ones before it. */
test.use({ area: 'stores' })
test.describe.configure({ mode: 'serial' })

const options = {
  supabase: 'Supabase Storage (RunPod, Lambda)',
  s3: 'AWS S3 (SageMaker)',
  local: 'This machine (local training)',
} as const
const datasets = {
  supabase: { name: 'Support talks', badge: 'Supabase' },
  s3: { name: 'Sales talks', badge: 'S3' },
  local: { name: 'Kitchen talks', badge: 'This machine' },
} as const
type Store = keyof typeof datasets

const storeOption = (page: Page, store: Store) =>
  page.getByLabel('Storage Provider').getByRole('radio', { name: options[store] })

async function upload(page: Page, store: Store, name: string) {
  await page.goto('/datasets?upload=1')
  await page.getByLabel('Dataset file').setInputFiles(jsonLines(`${store}.jsonl`, conversations(12)))
  await storeOption(page, store).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Upload dataset' }).click()
  await expect(page.getByRole('heading', { name: 'Uploaded' })).toBeVisible()
}

test('Without a key S3 stays in sight, disabled, and leads to the page that takes the key and tries it', async ({
  page,
  stores: { s3 },
}) => {
  await page.goto('/datasets?upload=1')
  await expect(storeOption(page, 'supabase')).toBeChecked()
  await expect(storeOption(page, 's3')).toBeDisabled()
  const choice = page.getByLabel('Storage Provider')
  await expect(choice).toContainText('AWS not configured')
  await atWidths(page, 'stores-s3-not-configured')
  await choice.getByRole('link', { name: 'Set it up' }).click()
  await expect(page).toHaveURL('/settings/secrets')

  await putInAwsSecret(page, s3)
  const card = secretCard(page, 'AWS')
  await expect(card).toContainText('Connected')
  await expect(card.getByRole('listitem').filter({ hasText: 'Store an object in parts' })).toContainText(
    'Passed',
  )
  await card.getByText('The least IAM policy').click()
  await expect(card.getByRole('region', { name: /least IAM policy/ })).toContainText(
    `arn:aws:s3:::${s3.bucket}/*`,
  )

  await page.goto('/datasets')
  await expect(storeOption(page, 's3')).toBeEnabled()
  await expect(choice.getByRole('link', { name: 'Set it up' })).toHaveCount(0)
  await atWidths(page, 'stores-all-configured')
})

/** Four characters at each end, and of a short key a quarter. */
function endsOf(key: string): string {
  const shown = Math.min(4, Math.floor(key.length / 4))
  return `${key.slice(0, shown)}...${key.slice(-shown)}`
}

test('A key that was put in is shown by its ends only, everywhere and for ever', async ({
  page,
  api,
  stores: { s3 },
}) => {
  const answers: Promise<string>[] = []
  page.on('response', (response) => {
    if (/\/api\/|\/settings/.test(response.url())) answers.push(response.text().catch(() => ''))
  })
  await page.goto('/settings/secrets')
  const card = secretCard(page, 'AWS')
  await expect(card).toContainText(endsOf(s3.accessKeyId))
  await card.getByRole('button', { name: 'Replace the AWS secret' }).click()
  for (const label of ['Access key ID', 'Secret access key'])
    await expect(card.getByLabel(label)).toHaveValue('')
  await expect(card.getByLabel('Bucket', { exact: true })).toHaveValue(s3.bucket)
  const seen = [await page.content(), ...(await Promise.all(answers))].join()
  expect(seen).not.toContain(s3.secretAccessKey)
  expect(seen).not.toContain(s3.accessKeyId)
  expect((await listDatasets(api)).count).toBe(0)
})

test('One dataset to each store: the word on each, a count on each tab, and the filter in the address', async ({
  page,
  api,
}) => {
  for (const store of Object.keys(datasets) as Store[]) await upload(page, store, datasets[store].name)
  await page.goto('/datasets')
  await expect(page.getByRole('tab', { name: /^All 3/ })).toBeVisible()
  for (const [store, { name, badge }] of Object.entries(datasets)) {
    await expect(page.getByRole('row', { name })).toContainText(badge)
    await page.getByRole('tab', { name: new RegExp(`^${badge} 1`) }).click()
    await expect(page).toHaveURL(`/datasets?provider=${store}`)
    await expect(page.getByRole('row')).toHaveCount(2)
    await expect(page.getByRole('row', { name })).toBeVisible()
    const listed = await listDatasets(api, { provider: store as Store })
    expect(listed).toMatchObject({ count: 1, provider: store, datasets: [{ name, storage_provider: store }] })
    await page.getByRole('tab', { name: /^All/ }).click()
  }
  await page.goto('/datasets?provider=s3')
  await expect(page.getByRole('tab', { name: /^S3/ })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('row', { name: datasets.s3.name })).toBeVisible()
  await expect(page.getByRole('row', { name: datasets.supabase.name })).toHaveCount(0)
  await page.getByRole('tab', { name: /^All/ }).click()
  await expect(page.getByRole('row')).toHaveCount(4)
  await atWidths(page, 'stores-one-dataset-each')
})

const choosable = (page: Page) =>
  page.getByRole('group', { name: 'Dataset', exact: true }).getByRole('checkbox')
const unfit = (page: Page, name: string) =>
  page
    .getByRole('group')
    .filter({ hasText: 'cannot be used here' })
    .getByRole('listitem')
    .filter({ hasText: name })

test('RunPod is offered the Supabase dataset only; each other says why not, and the switch opens S3', async ({
  page,
  stores: { runpod },
}) => {
  await page.goto('/training')
  const where = page.getByLabel('Training Provider')
  await where.getByRole('radio', { name: 'RunPod' }).click()
  await test.step('The key that is missing is a click away', async () => {
    await where.getByRole('link', { name: /RunPod key missing/ }).click()
    await expect(page).toHaveURL('/settings/secrets#runpod')
    const card = secretCard(page, 'RunPod')
    await card.getByLabel('API key').fill(runpod.apiKey)
    await card.getByRole('button', { name: 'Save and test' }).click()
    await expect(card.getByText('All 2 steps passed.')).toBeVisible()
    await page.goto('/training')
    await where.getByRole('radio', { name: 'RunPod' }).click()
    await expect(where.getByRole('link', { name: /RunPod key missing/ })).toHaveCount(0)
  })
  await expect(choosable(page)).toHaveCount(1)
  await expect(choosable(page)).toHaveAccessibleName(datasets.supabase.name)
  await expect(unfit(page, datasets.s3.name)).toContainText(
    'RunPod uses Supabase by default; this dataset is on S3. Switch on "Include datasets on other storage".',
  )
  await expect(unfit(page, datasets.local.name)).toContainText('Upload the file again with Supabase')
  await atWidths(page, 'stores-training-runpod')
  await expectAccessible(page, 'the training form for RunPod')

  await page.getByLabel('Include datasets on other storage (egress fees may apply)').click()
  await expect(choosable(page)).toHaveCount(2)
  const fromS3 = page
    .getByRole('listitem')
    .filter({ has: page.getByLabel(datasets.s3.name, { exact: true }) })
  await expect(fromS3).toContainText('Egress fees')
  await expect(unfit(page, datasets.local.name)).toContainText('RunPod cannot reach')
  await atWidths(page, 'stores-training-cross-storage')

  await test.step('A weight that is none is said at its field', async () => {
    for (const dataset of await choosable(page).all()) await dataset.check()
    const weight = page.getByLabel(`Weight of ${datasets.s3.name}`)
    await weight.fill('')
    await expect(weight).toHaveAttribute('aria-invalid', 'true')
    await expect(weight).toHaveAccessibleDescription('Above 0, at most 1,000.')
    await weight.fill('2')
    await expect(weight).toHaveAttribute('aria-invalid', 'false')
  })
})

test('SageMaker is offered the S3 dataset only, this machine both that it can read; a choice that no longer fits is taken back aloud', async ({
  page,
}) => {
  await page.goto('/training')
  const where = page.getByLabel('Training Provider')
  await where.getByRole('radio', { name: /SageMaker/ }).click()
  await expect(choosable(page)).toHaveCount(1)
  await expect(choosable(page)).toHaveAccessibleName(datasets.s3.name)
  for (const store of ['supabase', 'local'] as const)
    await expect(unfit(page, datasets[store].name)).toContainText(
      `reads from S3 only; this dataset is on ${storageProviderLabels[store].place}. Upload the file again with AWS S3 as its storage.`,
    )
  await atWidths(page, 'stores-training-sagemaker')
  await page.getByLabel('Include datasets on other storage (egress fees may apply)').click()
  await expect(choosable(page)).toHaveCount(1)
  await choosable(page).click()

  await page.getByLabel('Include datasets on other storage (egress fees may apply)').click()
  await where.getByRole('radio', { name: 'This machine' }).click()
  await expect(page.getByText('Some of the chosen data does not fit any more')).toBeVisible()
  await expect(choosable(page)).toHaveCount(2)
  for (const store of ['supabase', 'local'] as const)
    await expect(page.getByRole('checkbox', { name: datasets[store].name, exact: true })).not.toBeChecked()
})

test('A changed bucket takes the new datasets and leaves the old ones where they are', async ({
  page,
  api,
  stores: { s3 },
}) => {
  const second = `${s3.bucket}-e2e`
  const client = new S3Client(clientSettings(s3))
  await client.send(new CreateBucketCommand({ Bucket: second }))
  client.destroy()

  await page.goto('/settings/secrets')
  const card = secretCard(page, 'AWS')
  await card.getByRole('button', { name: 'Replace the AWS secret' }).click()
  await expect(card.getByText('1 dataset at S3 will be read with it')).toBeVisible()
  await card.getByLabel('Bucket', { exact: true }).fill(second)
  await card.getByRole('button', { name: 'Save and test' }).click()
  await expect(
    card.getByRole('listitem').filter({ hasText: `Read earlier datasets in ${s3.bucket}` }),
  ).toContainText(`"${datasets.s3.name}" in s3://${s3.bucket}`, { timeout: 30_000 })

  await upload(page, 's3', 'Newer sales talks')
  const listed = await listDatasets(api, { provider: 's3' })
  expect(listed.datasets.map(({ storage_bucket }) => storage_bucket)).toEqual([second, s3.bucket])
  for (const { id } of listed.datasets)
    expect((await getDatasetRows(api, id, { offset: 0, limit: 20 })).total).toBe(12)
})
