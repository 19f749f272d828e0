import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { sweepDatasets } from '#lib/training/datasets/sweep-datasets.ts'
import { spawnApp } from '../support/app/spawn-app.ts'
import { ownerToken, startApp, type TestApp } from '../support/app/start-app.ts'
import { type FaultProxy, startFaultProxy, unproxied } from '../support/fault-proxy.ts'
import { type StoreBehind, startStoreBehind } from '../support/uploads/store-behind-proxy.ts'

/** What happens between the object and the row, where a removal can break. */
describe.each(['s3', 'supabase'] as const)('deleting a dataset (%s)', (provider) => {
  let behind: StoreBehind
  let proxy: FaultProxy
  let dataDir: string
  let app: TestApp
  let skipped: string | null

  const settings = () => ({ ...behind.settings(proxy.url), OWNER_TOKEN: ownerToken })
  const start = async () => {
    app = await startApp({ dataDir, settings: settings() })
    await behind.prepare({ baseUrl: app.url, token: ownerToken }, proxy.url)
  }
  const upload = async (): Promise<Dataset> => {
    const form = new FormData()
    form.set('storage_provider', provider)
    form.set('on_duplicate', 'keep')
    form.set('file', new Blob(['{"question":"1+1?","answer":"2"}\n']), 'a.jsonl')
    const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
    expect(answer.status).toBe(201)
    return ((await answer.json()) as { dataset: Dataset }).dataset
  }
  const remove = async ({ id }: Dataset) => {
    const answer = await app.asOwner(`/api/training/dataset/${id}`, { method: 'DELETE' })
    return { status: answer.status, body: await answer.json() }
  }
  const statusOf = async ({ id }: Dataset) => {
    const answer = await app.asOwner(`/api/training/dataset/${id}`)
    return answer.status === 200 ? ((await answer.json()) as Dataset).status : answer.status
  }
  const sweep = () => sweepDatasets(app.services, { alone: true })

  beforeAll(async () => {
    behind = await startStoreBehind(provider)
    skipped = unproxied(behind.url)
    proxy = await startFaultProxy(behind.url)
    dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-deleting-'))
    await start()
  })
  afterEach(() => {
    proxy.decide = () => null
  })
  afterAll(async () => {
    await app.close()
    await proxy.close()
    await behind.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('says what it removed, and the second time that there is nothing', async () => {
    const dataset = await upload()
    expect(await remove(dataset)).toEqual({
      status: 200,
      body: {
        deleted: true,
        id: dataset.id,
        object_removed: true,
        bytes_removed: dataset.file_size_bytes,
      },
    })
    expect(await remove(dataset)).toMatchObject({ status: 404, body: { code: 'dataset_not_found' } })
  })

  test('says that the object was gone already, when it was', async () => {
    const dataset = await upload()
    await behind.direct.delete(dataset.storage_path!)
    expect((await remove(dataset)).body).toMatchObject({ object_removed: false, bytes_removed: 0 })
    expect(await statusOf(dataset)).toBe(404)
  })

  test('is finished by a later sweep when the store fails, however often it does', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    const fail = () => {
      proxy.decide = ({ method }) => (method === 'DELETE' ? { kind: 'answer', status: 500 } : null)
    }
    fail()
    expect(await remove(dataset)).toMatchObject({ status: 503 })
    expect(await statusOf(dataset)).toBe('deleting')
    for (const _ of [1, 2]) {
      expect(await sweep()).toEqual({ removed: 0 })
      expect(await statusOf(dataset)).toBe('deleting')
    }
    proxy.decide = () => null
    expect(await behind.direct.head(dataset.storage_path!)).not.toBeNull()
    expect(await sweep()).toEqual({ removed: 1 })
    expect(await statusOf(dataset)).toBe(404)
    expect(await behind.direct.head(dataset.storage_path!)).toBeNull()
    expect(await sweep()).toEqual({ removed: 0 })
  }, 120_000)

  test('can be asked for again while it is unfinished', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    proxy.decide = ({ method }) => (method === 'DELETE' ? { kind: 'answer', status: 500 } : null)
    expect((await remove(dataset)).status).toBe(503)
    proxy.decide = () => null
    expect(await remove(dataset)).toMatchObject({ status: 200, body: { object_removed: true } })
  }, 60_000)

  test('succeeds when the store did it and its answer was lost', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    let lost = 0
    proxy.decide = ({ method }) => (method === 'DELETE' && lost++ === 0 ? { kind: 'lose-answer' } : null)
    expect((await remove(dataset)).status).toBe(200)
    expect(lost).toBeGreaterThan(0)
    expect(await behind.direct.head(dataset.storage_path!)).toBeNull()
    expect(await statusOf(dataset)).toBe(404)
  })

  test('leaves a dataset ready whose object the store refuses to give up', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    proxy.decide = ({ method }) => (method === 'DELETE' ? behind.refusal : null)
    expect(await remove(dataset)).toMatchObject({ status: 403 })
    proxy.decide = () => null
    expect(await statusOf(dataset)).toBe('ready')
    expect((await app.asOwner(`/api/training/dataset/${dataset.id}/rows`)).status).toBe(200)
    expect((await remove(dataset)).body).toMatchObject({ object_removed: true })
  })

  test('is finished at the next start when the process dies between the object and the row', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    await app.close()
    const victim = await spawnApp({ ...settings(), DATA_DIR: dataDir })
    // The object goes, and so does whoever asked for it, before the answer comes.
    let removal: Promise<unknown> | null = null
    proxy.decide = ({ method }) => {
      if (method !== 'DELETE') return null
      removal ??= behind.direct.delete(dataset.storage_path!)
      return { kind: 'silence' }
    }
    const asked = fetch(`${victim.url}/api/training/dataset/${dataset.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ownerToken}` },
    }).catch(() => null)
    await expect.poll(() => removal, { timeout: 30_000 }).not.toBeNull()
    await victim.kill()
    await asked
    proxy.decide = () => null
    await removal
    await start()
    expect(await behind.direct.head(dataset.storage_path!)).toBeNull()
    expect(await statusOf(dataset)).toBe(404)
  }, 120_000)
})
