import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

describeOnDatabases('a dataset through the API', (database) => {
  let app: TestApp

  beforeAll(async () => {
    app = await startApp({ database })
  })
  afterAll(() => app.close())

  test('is stored, listed, read back and removed', async () => {
    const form = new FormData()
    form.set('name', 'Questions')
    form.set('file', new Blob(['{"question":"1+1?","answer":"2"}\n']), 'questions.jsonl')
    const created = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
    expect(created.status).toBe(201)
    const { dataset } = (await created.json()) as { dataset: { id: string } }
    const rows = await app.asOwner(`/api/training/dataset/${dataset.id}/rows`)
    expect(await rows.json()).toEqual({
      rows: [
        {
          messages: [
            { role: 'user', content: '1+1?' },
            { role: 'assistant', content: '2' },
          ],
        },
      ],
      offset: 0,
      total: 1,
    })
    const removed = await app.asOwner(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
    expect(removed.status).toBe(200)
    expect((await app.asOwner(`/api/training/dataset/${dataset.id}`)).status).toBe(404)
  })

  test('has errors of one shape, also for what is not there', async () => {
    const shape = { error: expect.any(String), code: expect.any(String), request_id: expect.any(String) }
    const unknown = await app.asOwner('/api/training/datasets')
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ ...shape, code: 'no_such_endpoint' })
    const method = await app.asOwner('/api/training/dataset', { method: 'PUT', body: '{}' })
    expect(method.status).toBe(405)
    expect(await method.json()).toMatchObject({ ...shape, details: 'Use GET, POST.' })
    const query = await app.asOwner('/api/training/dataset?limit=many')
    expect(query.status).toBe(400)
    expect(await query.json()).toMatchObject({ ...shape, details: [{ field: 'limit' }] })
    const noUuid = await app.asOwner('/api/training/dataset/not-an-id')
    expect(noUuid.status).toBe(404)
    expect(await noUuid.json()).toMatchObject(shape)
  })
})
