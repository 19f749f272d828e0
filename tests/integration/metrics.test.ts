import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '#tests/support/app/start-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app?.close())

/** Each sample of the exposition, by its name with its labels. */
async function samples(): Promise<Map<string, number>> {
  const answer = await fetch(`${app.url}/api/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

test('requests are counted by endpoint and status', async () => {
  const name = 'finetunelab_http_request_seconds_count{endpoint="getDataset",status="404"}'
  const before = (await samples()).get(name) ?? 0
  await app.asOwner(`/api/training/dataset/${randomUUID()}`)
  expect((await samples()).get(name)).toBe(before + 1)
})

test('what goes to a store is counted in calls and in stored bytes', async () => {
  const form = new FormData()
  form.set('name', 'Counted')
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'counted.jsonl')
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  const { dataset } = (await answer.json()) as { dataset: { file_size_bytes: number } }
  const found = await samples()
  const label = 'store="local",operation="put"'
  expect(found.get(`finetunelab_storage_call_seconds_count{${label},outcome="ok"}`)).toBe(1)
  expect(found.get(`finetunelab_storage_bytes_total{${label}}`)).toBe(dataset.file_size_bytes)
})

test('jobs that are alive are counted until they end', async () => {
  const name = 'finetunelab_live_jobs{provider="lambda",status="running"}'
  expect((await samples()).has(name)).toBe(false)
  const { id: userId } = await app.services.identity.ensureOwner()
  const job = await app.services.db.service
    .insertInto('training_jobs')
    .values({
      user_id: userId,
      name: 'Secret name',
      provider: 'lambda',
      status: 'running',
      config: '{}',
      datasets: '[]',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  expect((await samples()).get(name)).toBe(1)
  await app.services.db.service
    .updateTable('training_jobs')
    .set({ status: 'cancelled', ended_at: new Date() })
    .where('id', '=', job.id)
    .execute()
  expect((await samples()).has(name)).toBe(false)
})

test('no user, dataset or job can be told from the metrics', async () => {
  const { id, email } = await app.services.identity.ensureOwner()
  const text = await (await fetch(`${app.url}/api/metrics`)).text()
  for (const trace of [id, email, 'Counted', 'Secret name', app.ownerToken]) expect(text).not.toContain(trace)
})
