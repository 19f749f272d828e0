import type { Page } from '@playwright/test'
import { saveSecret } from '#lib/client/secrets.ts'
import { uploadDataset } from '#lib/client/uploads.ts'
import { sendArtifact } from '#tests/support/app/send-artifact.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { runnerOn } from '#tests/support/providers/rented/runner-client.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths, keepPictures } from './support/gallery.ts'
import { expect, test } from './support/remote.ts'
import { conversations, jsonLines } from './support/sample-files.ts'

/** A training on a rented machine from the key to the end, on each provider's double, as its owner sees it. */
test.use({ area: 'remote-runs' })

const dataset = 'Support talk'

test.beforeAll(async ({ application }) => {
  const api = { baseUrl: application.url, token: application.token }
  await uploadDataset(api, {
    file: new Blob([jsonLines('', conversations(200)).buffer.toString()]),
    fileName: 'rows.jsonl',
    fields: { name: dataset, storage_provider: 'supabase' },
  })
})

test('RunPod: the key is added, a pod is rented, watched and given back', async ({
  page,
  rented: { runpod },
}) => {
  test.slow()

  await test.step('What is missing is said, with the way to add it', async () => {
    await page.goto('/training')
    const card = page.getByRole('radio', { name: 'RunPod', exact: true })
    await expect(card).toBeVisible()
    await card.click()
    await expect(page.getByRole('button', { name: 'Launch training' })).toBeDisabled()
    await expect(page.getByText('A list that FineTune Lab ships')).toBeVisible()
    await atWidths(page, 'remote-runpod-no-key')
    await page.getByRole('link', { name: 'RunPod key missing: add it' }).first().click()
    await expect(page).toHaveURL(/\/settings\/secrets#runpod$/)
    const form = page.getByRole('form', { name: /RunPod secret/ })
    await form.getByLabel('API key').fill(runpod.secret.api_key)
    await form.getByRole('button', { name: 'Save and test' }).click()
    await expect(page.getByText('Connected').first()).toBeVisible()
  })

  await test.step('The form offers what RunPod has, and says what it will cost', async () => {
    await page.goto('/training')
    await page.getByRole('radio', { name: 'RunPod', exact: true }).click()
    await expect(page.getByText('Prices and stock as RunPod told them')).toBeVisible()
    await expect(page.getByRole('radio', { name: 'The cheapest that fits' })).toBeChecked()
    await page.getByRole('checkbox', { name: dataset }).check()
    await page.getByLabel('Trainer').selectOption('smoke')
    await page.getByRole('radio', { name: /RTX 4090/ }).click()
    await page.getByLabel('When it has no room, try').selectOption('NVIDIA L40S')
    const place = page.getByLabel('Result goes to')
    await expect(place).toHaveValue('local')
    await expect(place.getByRole('option', { name: /S3/ })).toBeDisabled()
    await place.selectOption('supabase')
    const summary = page.getByRole('region', { name: 'Summary' })
    await expect(summary).toContainText('on 1 x RTX 4090 at RunPod, about')
    await expect(page.getByLabel('Budget')).not.toHaveValue('')
    await page.getByLabel('Budget').fill('3')
    await page.getByRole('radio', { name: 'This machine' }).click()
    await page.getByRole('radio', { name: 'RunPod', exact: true }).click()
    // Never none in silence: it follows the estimate again.
    await expect(page.getByLabel('Budget')).not.toHaveValue(/^(3|)$/)
    await page.getByLabel('Budget').fill('3')
    await expect(summary).toContainText('stopped at $3.00.')
    await page.getByText('Environment variables', { exact: true }).click()
    await page.getByRole('button', { name: 'Add a variable' }).click()
    await page.getByLabel('Name of variable 1').fill('HF_TOKEN')
    await page.getByLabel('Value of variable 1').fill('hf_of_the_owner')
    await expectAccessible(page, 'the form for RunPod')
    await atWidths(page, 'remote-runpod-form')
    await page.getByRole('button', { name: 'Launch training' }).click()
    await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/)
  })

  await watchRun(page, runpod)
})

test('What the server refuses is said at the field that it names', async ({
  page,
  api,
  rented,
  consoleWatch,
}) => {
  consoleWatch.allow(/400|422/)
  const { provider, ...secret } = rented.runpod.secret
  await saveSecret(api, provider, secret)
  await page.goto('/training')
  await page.getByRole('radio', { name: 'RunPod', exact: true }).click()
  await page.getByRole('checkbox', { name: dataset }).check()
  await page.getByText('Machine settings').click()
  await page.getByLabel('Docker image').fill('not an image')
  await page.getByLabel('Result goes to').selectOption('huggingface')
  await page.getByLabel('Write token').fill('hf_of_the_owner')
  await page.getByRole('button', { name: 'Launch training' }).click()
  await expect(page.getByText('An image reference such as')).toBeVisible()
  await expect(page.getByLabel('Repository')).toHaveAccessibleDescription(/Owner and name, such as/)
  await atWidths(page, 'remote-result-at-hub')
  await page.getByLabel('Repository').fill('me/support-adapter')
  await page.getByLabel('Docker image').fill('pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime')
  let sent: unknown
  await page.route('**/api/training/deploy/runpod', (route) => {
    sent = route.request().postDataJSON()
    return route.fulfill({
      status: 400,
      json: {
        error: 'RunPod cannot run this',
        code: 'invalid_launch',
        details: [{ field: 'volume_size_gb', message: 'The datasets alone take 80 GB.' }],
        request_id: '7c1f8a52-2f0e-4c67-9a0e-5f2c1d9b8e11',
      },
    })
  })
  await page.getByRole('button', { name: 'Launch training' }).click()
  const volume = page.getByLabel('Volume size')
  await expect(volume).toBeFocused()
  await expect(volume).toHaveAccessibleDescription(/The datasets alone take 80 GB\./)
  expect(sent).toMatchObject({
    environment_variables: { HF_REPO_ID: 'me/support-adapter', HF_TOKEN: 'hf_of_the_owner' },
  })
  await atWidths(page, 'remote-refused')
})

/** From the machine that came up to the machine that is gone. */
async function watchRun(page: Page, rented: RentedProvider) {
  await expect.poll(() => rented.machines().length, { timeout: 60_000 }).toBe(1)
  const runner = runnerOn(rented.machines()[0]!)
  const name = `remote-${rented.provider}`

  await test.step('The machine leases its data, trains, and is seen doing it', async () => {
    expect((await runner.lease(crypto.randomUUID())).status).toBe(200)
    await runner.report({ status: 'running', logs: ['The data is verified', 'step 1 of 40'] })
    for (let step = 1; step <= 40; step++)
      await runner.report({
        metrics: {
          step,
          total_steps: 40,
          loss: 3 / (1 + step / 8),
          learning_rate: 2e-4,
          tokens_per_second: 900,
        },
        logs: [`step ${step} of 40`],
      })
    await expect(page.getByRole('figure', { name: /^Loss/ })).toBeVisible({ timeout: 60_000 })
    await expect(page.getByRole('region', { name: 'Log lines' })).toContainText('step 40 of 40')
    const cost = page.getByRole('region', { name: 'Cost' })
    await expect(cost).toContainText(/Rate\$[\d.]+ an hour/)
    await expect(cost).toContainText('Costs since')
    const leases = page.getByRole('region', { name: 'Leases' })
    await expect(leases).toContainText('Token given to the machine')
    await expect(leases).toContainText('Link given')
    const { FINETUNELAB_URL: url, JOB_ID: jobId, JOB_TOKEN: token } = rented.machines()[0]!.environment
    const checkpoint = { name: 'checkpoint.tar', bytes: new Uint8Array(300_000) }
    expect(await sendArtifact({ url: url!, jobId: jobId!, token: token!, ...checkpoint })).toMatchObject({
      status: 201,
    })
    const kept = page.getByRole('listitem').filter({ hasText: 'checkpoint.tar' })
    await expect(kept).toContainText('Supabase', { timeout: 30_000 })
    await expectAccessible(page, `a job at ${rented.label}`)
    await atWidths(page, `${name}-running`)
  })

  await test.step('It is cancelled, and said to be so once nothing of it is there', async () => {
    rented.slowEnd(2)
    await page.getByRole('button', { name: 'Cancel job' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel this job?' })
    await expect(dialog).toContainText(`when ${rented.label} has verified that nothing of it runs`)
    await keepPictures(page, `${name}-cancel`)
    await dialog.getByRole('button', { name: 'Cancel job' }).click()
    await expect(page.getByText(`once ${rented.label} has verified that it is gone`)).toBeVisible()
    expect(rented.machines()).toHaveLength(1)
    await expect(page.getByRole('status').filter({ hasText: /: Cancelled$/ })).toBeVisible({
      timeout: 60_000,
    })
    expect(rented.machines()).toHaveLength(0)
    await expect(page.getByRole('region', { name: 'Cost' })).toContainText('Verified gone')
    await expect(page.getByRole('region', { name: 'Leases' })).toContainText('Taken back')
    await atWidths(page, `${name}-cancelled`)
    rented.slowEnd(0)
  })

  await test.step('It is run again with what it was told', async () => {
    await page.getByRole('link', { name: 'Run again with changes' }).click()
    await expect(page.getByRole('radio', { name: rented.label, exact: true })).toBeChecked()
    await expect(page.getByRole('checkbox', { name: dataset })).toBeChecked()
    await expect(page.getByLabel('Budget')).not.toHaveValue('')
    await expect(page.getByRole('radio', { name: 'The cheapest that fits' })).not.toBeChecked()
    await expect(page.getByLabel('Result goes to')).toHaveValue('supabase')
  })
}
