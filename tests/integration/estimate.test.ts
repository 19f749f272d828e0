import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Estimate, estimateSchema } from '#lib/training/cost/estimate.types.ts'
import { defaultHyperparameters } from '#lib/training/training-config.types.ts'
import { startApp, type TestApp } from '#tests/support/app/start-app.ts'

let app: TestApp
let datasetId: string
beforeAll(async () => {
  app = await startApp()
  const form = new FormData()
  form.set('name', 'Kitchen assistant')
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'kitchen-assistant.jsonl')
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  datasetId = ((await answer.json()) as { dataset: { id: string } }).dataset.id
})
afterAll(() => app?.close())

const ask = (body: Record<string, unknown>) =>
  app.asOwner('/api/training/estimate', {
    method: 'POST',
    body: JSON.stringify({
      base_model: 'Qwen/Qwen2.5-0.5B',
      method: 'sft',
      trainer: 'trl',
      datasets: [{ dataset_id: datasetId }],
      ...body,
    }),
  })

async function estimate(body: Record<string, unknown>): Promise<Estimate> {
  const answer = await ask(body)
  expect(answer.status).toBe(200)
  return estimateSchema.parse(await answer.json())
}

test('an estimate needs no key: the shipped list of machines answers, and says what it is', async () => {
  const result = await estimate({ provider: 'sagemaker', machine: 'ml.g5.xlarge' })
  expect(result).toMatchObject({ machine: 'ml.g5.xlarge', price: { source: 'table' }, throughput: 'stated' })
  expect(result.usd!.low).toBeGreaterThan(0)
  expect(result.tokens.low).toBeGreaterThan(100)
  expect(result.assumptions.join()).toContain('the table that we ship')
})

test('a training on this machine costs nothing and takes time', async () => {
  const result = await estimate({ provider: 'local' })
  expect(result).toMatchObject({ machine: null, usd: { low: 0, high: 0 } })
  expect(result.hours.high).toBeGreaterThan(0)
})

test('what an earlier training of the same model reached on such a machine is what the next is reckoned with', async () => {
  const { id: userId } = await app.services.identity.ensureOwner()
  const config = {
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft',
    trainer: 'trl',
    hyperparameters: defaultHyperparameters,
  }
  await app.services.db.service
    .insertInto('training_jobs')
    .values({
      user_id: userId,
      name: 'earlier',
      provider: 'sagemaker',
      status: 'succeeded',
      config: JSON.stringify(config),
      datasets: '[]',
      metrics: JSON.stringify({ tokens_per_second: 12_345 }),
      machine: JSON.stringify({ id: 'ml.g5.xlarge', usd_per_hour: 1.408, region: 'us-east-1' }),
    })
    .execute()
  const result = await estimate({ provider: 'sagemaker', machine: 'ml.g5.xlarge' })
  expect(result.throughput).toBe('measured')
  expect(result.tokens_per_second.low).toBeLessThan(12_345)
  expect(result.tokens_per_second.high).toBeGreaterThan(12_345)
  expect(await estimate({ provider: 'sagemaker', machine: 'ml.g6.xlarge' })).toMatchObject({
    throughput: 'stated',
  })
})

test("a dataset that is not there, or is another's, is not found", async () => {
  const answer = await ask({ provider: 'local', datasets: [{ dataset_id: crypto.randomUUID() }] })
  expect(answer.status).toBe(404)
})

test('what cannot be asked is refused by its field', async () => {
  const answer = await ask({ provider: 'azure' })
  expect(answer.status).toBe(400)
  expect(JSON.stringify(await answer.json())).toContain('provider')
})
