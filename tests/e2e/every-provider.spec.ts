import type { Page } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { getJob } from '#lib/client/jobs.ts'
import { saveSecret } from '#lib/client/secrets.ts'
import { uploadDataset } from '#lib/client/uploads.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { type RunnerClient, runnerOn } from '#tests/support/providers/rented/runner-client.ts'
import {
  type SageMakerDouble,
  startSageMakerDouble,
} from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import { type S3TestServer, startS3Server } from '#tests/support/s3-server/start-s3-server.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { test as base, expect, type Rented } from './support/remote.ts'
import { conversations, jsonLines } from './support/sample-files.ts'

/** One training on each provider's double, from the form to the end, as its owner sees it. */
interface Aws {
  sagemaker: SageMakerDouble
  s3: S3TestServer
}

const test = base.extend<object, { aws: Aws }>({
  aws: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
    async ({}, use) => {
      const s3 = await startS3Server()
      const sagemaker = await startSageMakerDouble({ accessKeyId: s3.accessKeyId })
      await use({ s3, sagemaker })
      await sagemaker.close()
      await s3.close()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  settings: [
    async ({ outside, aws }, use) =>
      use({
        ...outside.settings,
        SAGEMAKER_ENDPOINT: aws.sagemaker.url,
        // The S3 server listens on this machine.
        ALLOW_PRIVATE_ADDRESSES: 'true',
      }),
    { scope: 'worker' },
  ],
})

test.use({ area: 'every-provider' })

const datasets = { supabase: 'Support talks', s3: 'Sales talks' } as const

test.beforeAll(async ({ application, rented, aws: { s3 } }) => {
  const api = { baseUrl: application.url, token: application.token }
  for (const { secret } of Object.values(rented)) {
    const { provider, ...values } = secret
    await saveSecret(api, provider, values)
  }
  await saveSecret(api, 'aws', {
    api_key: s3.accessKeyId,
    metadata: {
      aws: {
        secret_access_key: s3.secretAccessKey,
        s3_bucket: s3.bucket,
        region: s3.region,
        endpoint: s3.endpoint,
        force_path_style: true,
        iam_role_arn: 'arn:aws:iam::123456789012:role/finetunelab',
      },
    },
  })
  for (const [storage_provider, name] of Object.entries(datasets))
    await uploadDataset(api, {
      file: new Blob([jsonLines('', conversations(200)).buffer.toString()]),
      fileName: 'rows.jsonl',
      fields: { name, storage_provider: storage_provider as keyof typeof datasets },
    })
})

interface Way {
  label: string
  dataset: string
  /** What the form says of the machine and its price. */
  summary: RegExp
  /** A person's part, on the job's page; then whoever speaks for the machine, and what ends it afterwards. */
  machine: (at: Place) => Promise<{ runner: RunnerClient; ends?: () => void }>
  /** What stands under the cost once it has ended. */
  cost: RegExp
}

interface Place {
  page: Page
  api: ApiConnection
  jobId: string
  rented: Rented
  aws: Aws
}

const onRented =
  (which: keyof Rented) =>
  async ({ rented, jobId }: Place) => {
    const machineOf = (one: RentedProvider) =>
      one.machines().find(({ environment }) => environment.JOB_ID === jobId)
    await expect.poll(() => machineOf(rented[which])).toBeDefined()
    const machine = machineOf(rented[which])!
    return { runner: runnerOn(machine), ends: () => rented[which].comeToItsEnd(machine.ref) }
  }

const ways: Record<string, Way> = {
  lambda: {
    label: 'Lambda',
    dataset: datasets.supabase,
    summary: /at Lambda, about .* and \$/,
    machine: onRented('lambda'),
    cost: /Verified gone/,
  },
  huggingface: {
    label: 'Hugging Face',
    dataset: datasets.supabase,
    summary: /at Hugging Face, about .* and \$/,
    machine: onRented('huggingface'),
    cost: /Verified gone/,
  },
  sagemaker: {
    label: 'SageMaker',
    dataset: datasets.s3,
    summary: /at SageMaker, about .* and \$/,
    async machine({ api, jobId, aws: { sagemaker } }) {
      const training = async () => sagemaker.jobs.get((await getJob(api, jobId)).provider_ref ?? '')
      await expect.poll(training).toBeDefined()
      const { request, follow } = (await training())!
      const ends = follow.bind(await training(), 'Uploading', 'Completed')
      return { runner: runnerOn({ environment: { ...request.Environment, JOB_ID: jobId } }), ends }
    },
    cost: /Verified gone/,
  },
  colab: {
    label: 'Colab',
    dataset: datasets.supabase,
    summary: /Colab/,
    machine: inNotebook,
    cost: /Compute units of your plan at Google/,
  },
}

async function inNotebook({ page, api, jobId }: Place) {
  const notebook = page.getByRole('region', { name: 'Notebook' })
  await expect(page.getByText('The notebook waits for somebody to run it.')).toBeVisible()
  const download = page.waitForEvent('download')
  await notebook.getByRole('link', { name: 'Download notebook' }).click()
  expect((await download).suggestedFilename()).toMatch(/^finetunelab-[0-9a-f]{8}\.ipynb$/)
  await notebook.getByRole('button', { name: 'Make a code' }).click()
  await expect(notebook).toContainText('Works once, for')
  await expectAccessible(page, 'the code of a notebook')
  await atWidths(page, 'provider-colab-code')
  const redeem = async () => {
    const code = await notebook.locator('code').innerText()
    return fetch(`${api.baseUrl}/api/training/jobs/redeem`, {
      method: 'POST',
      body: JSON.stringify({ code }),
    })
  }
  const taken = await redeem()
  expect(taken.status).toBe(200)
  expect((await redeem()).status).toBe(401)
  const { token, job_id } = (await taken.json()) as { token: string; job_id: string }
  expect(job_id).toBe(jobId)
  const environment = { FINETUNELAB_URL: api.baseUrl, JOB_ID: jobId, JOB_TOKEN: token }
  return { runner: runnerOn({ environment }) }
}

async function openForm(page: Page, { label, dataset }: Pick<Way, 'label' | 'dataset'>) {
  await page.goto('/training')
  const provider = page.getByLabel('Training Provider').getByRole('radio', { name: label, exact: true })
  await provider.click()
  await expect(provider).toBeChecked()
  await page.getByRole('checkbox', { name: dataset, exact: true }).check()
  await page.getByLabel('Trainer').selectOption('smoke')
}

async function launch(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Launch training' }).click()
  await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/)
  return page.url().slice(-36)
}

/** A job that needs a key is named before the key goes. */
async function expectKeyNeeded(page: Page) {
  await page.goto('/settings/secrets')
  await page.getByRole('button', { name: 'Delete the Hugging Face secret' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete the Hugging Face secret?' })
  await expect(dialog).toContainText('these jobs can be neither watched nor ended from here')
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Job, running' })).toBeVisible()
  await atWidths(page, 'provider-key-needed')
  await dialog.getByRole('button', { name: 'Keep it' }).click()
  await page.goBack()
}

for (const [id, way] of Object.entries(ways)) {
  test(`${way.label}: from the form to the end`, async ({ page, api, rented, aws }) => {
    await openForm(page, way)
    await expect(page.getByRole('region', { name: 'Summary' })).toContainText(way.summary)
    await atWidths(page, `provider-${id}-form`)

    const jobId = await launch(page)
    const { runner, ends } = await way.machine({ page, api, jobId, rented, aws })
    expect((await runner.lease(crypto.randomUUID())).status).toBe(200)
    const steps = Array.from({ length: 20 }, (_, index) => index + 1)
    await runner.report({
      status: 'running',
      metrics: steps.map((step) => ({
        step,
        total_steps: 20,
        loss: 3 / (1 + step / 8),
        learning_rate: 2e-4,
      })),
      logs: ['The data is verified', ...steps.map((step) => `step ${step} of 20`)],
    })
    await expect(page.getByRole('status').filter({ hasText: /: Running$/ })).toBeVisible()
    await expect(page.getByText('Works once, for'), 'a code that was taken is shown no longer').toHaveCount(0)
    await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Log lines' })).toContainText('step 20 of 20')
    await atWidths(page, `provider-${id}-running`)
    if (id === 'huggingface') await expectKeyNeeded(page)

    await runner.report({ status: 'succeeded', logs: ['The end'] })
    ends?.()
    await expect(page.getByRole('status').filter({ hasText: /: Succeeded$/ })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Cost' })).toContainText(way.cost)
    await atWidths(page, `provider-${id}-succeeded`)
  })
}

test('Where machines cannot reach the application a training runs detached: what is given up is said, and its end is read from the log', async ({
  page,
  rented: { huggingface },
}) => {
  await page.route('**/api/training/providers', async (route) => {
    const answer = await route.fetch()
    const { providers } = (await answer.json()) as { providers: object[] }
    const json = { providers: providers.map((one) => ({ ...one, reaches_us: false })) }
    await route.fulfill({ response: answer, json })
  })
  await openForm(page, ways.huggingface!)
  await expect(page.getByText('A machine at Hugging Face cannot reach this application')).toBeVisible()
  await page.getByRole('switch', { name: 'Train detached' }).click()
  await expect(page.getByRole('region', { name: 'Summary' })).toContainText(
    'It runs detached: no live curves.',
  )
  // A cost that is being told anew is dimmed for a moment.
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
  await expectAccessible(page, 'the form where machines cannot reach the application')
  await atWidths(page, 'provider-detached-form')
  huggingface.execute(true)
  await launch(page)
  await expect(page.getByRole('status').filter({ hasText: /: Succeeded$/ })).toBeVisible({ timeout: 90_000 })
  huggingface.execute(false)
  await expect(page.getByRole('region', { name: 'Log lines' })).toContainText('The end: succeeded.')
  await atWidths(page, 'provider-detached-succeeded')
})
