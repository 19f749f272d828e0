import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app/start-app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

test('a Parquet file with nested messages becomes a dataset and nothing of the file itself is kept', async () => {
  const form = new FormData()
  form.set(
    'file',
    new Blob([await readFile('tests/fixtures/ingest/parquet-messages/input.parquet')]),
    'a.parquet',
  )
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  expect(answer.status).toBe(201)
  const { dataset, report } = (await answer.json()) as { dataset: { id: string }; report: object }
  expect(report).toMatchObject({ container: 'parquet', format: 'chatml', rows_stored: 2 })

  const rows = await app.asOwner(`/api/training/dataset/${dataset.id}/rows?offset=1&limit=1`)
  expect(await rows.json()).toMatchObject({
    total: 2,
    rows: [
      { messages: [{ role: 'system' }, { role: 'user', content: 'Grüße, 世界' }, { role: 'assistant' }] },
    ],
  })
  const files = await readdir(join(app.dataDir, 'datasets'), { recursive: true, withFileTypes: true })
  const names = files.filter((entry) => entry.isFile()).map(({ name }) => name)
  expect(names).toEqual([`${dataset.id}.jsonl.gz`])
})
