import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from '#lib/training/datasets/dataset-row.ts'
import { removeDataset } from '#lib/training/datasets/remove-dataset.ts'
import { stillDead, sweepDatasets } from '#lib/training/datasets/sweep-datasets.ts'
import { spawnApp } from '../support/app/spawn-app.ts'
import { ownerToken, startApp, type TestApp } from '../support/app/start-app.ts'
import { type FaultProxy, startFaultProxy, unproxied } from '../support/fault-proxy.ts'
import { type StoreBehind, startStoreBehind } from '../support/uploads/store-behind-proxy.ts'

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

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
  const setRow = ({ id }: Dataset, values: { status: Dataset['status'] }) =>
    app.services.db.service.updateTable('training_datasets').set(values).where('id', '=', id).execute()
  /** A row as an installation from before had it. */
  const addFailed = async (storage_path: string): Promise<Dataset> => {
    const { id: user_id } = await app.services.identity.ensureOwner()
    const row = await app.services.db.service
      .insertInto('training_datasets')
      .values({
        user_id,
        name: storage_path.slice(0, 100),
        status: 'failed',
        storage_provider: provider,
        storage_path,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return datasetOfRow(row)
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

  test('leaves a failed dataset failed whose object the store refuses to give up, and lists it', async (context) => {
    if (skipped) context.skip(skipped)
    const dataset = await upload()
    await setRow(dataset, { status: 'failed' })
    proxy.decide = ({ method }) => (method === 'DELETE' ? behind.refusal : null)
    expect(await remove(dataset)).toMatchObject({ status: 403 })
    proxy.decide = () => null
    expect(await statusOf(dataset)).toBe('failed')
    const list = await app.asOwner('/api/training/dataset?limit=200')
    const { datasets } = (await list.json()) as { datasets: Dataset[] }
    expect(datasets.find(({ id }) => id === dataset.id)).toMatchObject({ status: 'failed' })
    expect((await remove(dataset)).body).toMatchObject({ object_removed: true })
  })

  test('goes by what a path from before means, and takes no bytes of others along', async () => {
    const { bucket } = behind.direct.location
    const address = { s3: `s3://${bucket}/`, supabase: `https://x.supabase.co/storage/v1/object/${bucket}/` }
    const put = (key: string) => behind.direct.put(key, once('old'), {})
    for (const [path, key] of [
      [`${address[provider]}old/whole.jsonl`, 'old/whole.jsonl'],
      ['/old/slash.jsonl', 'old/slash.jsonl'],
    ] as const) {
      const dataset = await addFailed(path)
      await put(key)
      expect(await remove(dataset)).toMatchObject({ status: 200, body: { object_removed: true } })
      expect(await behind.direct.head(key)).toBeNull()
    }
    for (const path of ['gs://bucket/key', '../outside', `/${'x'.repeat(300)}`]) {
      const dataset = await addFailed(path)
      expect(await remove(dataset)).toMatchObject({ status: 200, body: { object_removed: false } })
      expect(await statusOf(dataset)).toBe(404)
    }
    const theirs = await upload()
    const sharing = await addFailed(`/${theirs.storage_path}`)
    expect((await remove(sharing)).body).toMatchObject({ object_removed: false })
    expect(await behind.direct.head(theirs.storage_path!)).not.toBeNull()
    expect((await remove(theirs)).body).toMatchObject({ object_removed: true })
  })

  test('is left by a sweep that looked before the upload ended well or gave a sign of life', async () => {
    const dataset = await upload()
    const seen = { ...dataset, status: 'uploading' as const }
    const stale = { code: 'dataset_changed' }
    await expect(removeDataset(app.services, seen, stillDead(seen))).rejects.toMatchObject(stale)
    expect(await statusOf(dataset)).toBe('ready')
    await setRow(dataset, { status: 'uploading' })
    const beat = (heartbeat_at: Date) =>
      app.services.db.service
        .updateTable('dataset_uploads')
        .set({ heartbeat_at })
        .where('dataset_id', '=', dataset.id)
        .execute()
    await beat(new Date())
    await expect(removeDataset(app.services, seen, stillDead(seen))).rejects.toMatchObject(stale)
    expect(await behind.direct.head(dataset.storage_path!)).not.toBeNull()
    await beat(new Date(0))
    expect(await sweep()).toEqual({ removed: 1 })
    expect(await behind.direct.head(dataset.storage_path!)).toBeNull()
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
