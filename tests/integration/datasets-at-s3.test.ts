import { Readable } from 'node:stream'
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatasetUrl } from '#lib/training/dataset-url-service.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { clientSettings, type S3TestServer, startS3Server } from '../support/s3-server/start-s3-server.ts'

/** 640 MB: far more than any buffer between the two sides holds. */
const blocksMax = 10_000

/** The whole way of a dataset at S3, with the key from the vault. */
describe('a dataset at S3', () => {
  let app: TestApp
  let s3: S3TestServer
  let client: S3Client
  let secondBucket: string

  const call = async (method: string, path: string, body?: unknown) => {
    const sent = body instanceof FormData || !body ? body : JSON.stringify(body)
    const answer = await app.asOwner(path, { method, ...(sent ? { body: sent as BodyInit } : {}) })
    const text = await answer.text()
    expect(text).not.toContain(s3.secretAccessKey)
    return { status: answer.status, body: JSON.parse(text) }
  }
  const putKey = (changes: Record<string, unknown> = {}, apiKey = s3.accessKeyId) =>
    call('PUT', '/api/secrets/aws', {
      api_key: apiKey,
      metadata: {
        aws: {
          secret_access_key: s3.secretAccessKey,
          region: s3.region,
          s3_bucket: s3.bucket,
          endpoint: s3.endpoint,
          ...changes,
        },
      },
    })
  const upload = (name: string, provider = 's3') => {
    const form = new FormData()
    form.set('name', name)
    form.set('storage_provider', provider)
    form.set(
      'file',
      new Blob(['{"question":"1+1?","answer":"2"}\n{"question":"2+2?","answer":"4"}\n']),
      'a.jsonl',
    )
    return call('POST', '/api/training/dataset', form)
  }
  const objectExists = (dataset: { storage_bucket: string; storage_path: string }) =>
    client.send(new HeadObjectCommand({ Bucket: dataset.storage_bucket, Key: dataset.storage_path })).then(
      (head) => head,
      () => null,
    )

  beforeAll(async () => {
    s3 = await startS3Server()
    client = new S3Client(clientSettings(s3))
    secondBucket = `${s3.bucket}-second`
    app = await startApp({ settings: { ALLOW_PRIVATE_ADDRESSES: 'true' } })
  })
  afterAll(async () => {
    await app.close()
    client.destroy()
    await s3.close()
  })

  test('without a key S3 is refused before a row is written, and the option says where to add one', async () => {
    expect(await upload('Too early')).toMatchObject({
      status: 400,
      body: {
        error: 'AWS not configured',
        code: 'aws_not_configured',
        details: expect.stringContaining('/settings/secrets'),
      },
    })
    expect((await call('GET', '/api/training/dataset')).body).toMatchObject({ count: 0 })
    const { options } = (await call('GET', '/api/storage/options')).body
    expect(options).toContainEqual(
      expect.objectContaining({
        provider: 's3',
        available: false,
        fix_url: '/settings/secrets',
        reason: expect.stringContaining('AWS not configured'),
      }),
    )
  })

  test('the test of the connection passes, and what it learned is kept for the adapter', async () => {
    expect((await putKey()).status).toBe(200)
    const tested = await call('POST', '/api/secrets/aws/test')
    expect(tested.body.steps.filter(({ status }: { status: string }) => status !== 'pass')).toEqual([])
    expect(tested.body.ok).toBe(true)
    expect(tested.body.advice.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['iam-policy', 'lifecycle', 'cors']),
    )
    const [secret] = (await call('GET', '/api/secrets')).body.secrets
    expect(secret.last_test).toMatchObject({ ok: true, learned: { force_path_style: true } })
    const { id } = await app.services.identity.ensureOwner()
    expect((await app.services.storageAccess(id)).aws).toMatchObject({
      forcePathStyle: true,
      checksumMode: secret.last_test.learned.checksum_mode,
    })
  })

  test('a test of the connection that does not reach an earlier bucket is kept as one that failed', async () => {
    const { id: user_id } = await app.services.identity.ensureOwner()
    const whole = {
      format: 'chatml',
      status: 'ready',
      sha256: '0'.repeat(64),
      file_size_bytes: 1,
      total_examples: 1,
    } as const
    const place = {
      storage_provider: 's3',
      storage_bucket: 'no-such-bucket',
      storage_region: s3.region,
    } as const
    const { id } = await app.services.db.service
      .insertInto('training_datasets')
      .values({
        user_id,
        name: 'Earlier',
        ...whole,
        ...place,
        storage_endpoint: s3.endpoint,
        storage_path: 'k',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const lastTest = async () => (await call('GET', '/api/secrets')).body.secrets[0].last_test
    expect((await call('POST', '/api/secrets/aws/test')).body.ok).toBe(false)
    expect(await lastTest()).toMatchObject({ ok: false, learned: { force_path_style: true } })
    await app.services.db.service.deleteFrom('training_datasets').where('id', '=', id).execute()
    expect((await call('POST', '/api/secrets/aws/test')).body.ok).toBe(true)
    expect(await lastTest()).toMatchObject({ ok: true })
  })

  test('is stored under its key with its metadata, read back, linked, and removed with its object', async () => {
    const created = await upload('Sums')
    expect(created.status).toBe(201)
    const { dataset } = created.body
    expect(dataset).toMatchObject({
      storage_provider: 's3',
      storage_bucket: s3.bucket,
      storage_region: s3.region,
      storage_endpoint: s3.endpoint,
      storage_path: `${dataset.user_id}/datasets/${dataset.id}.jsonl.gz`,
    })
    expect(await objectExists(dataset)).toMatchObject({
      ContentType: 'application/gzip',
      ContentLength: dataset.file_size_bytes,
      Metadata: expect.objectContaining({
        'uploaded-by': 'finetunelab',
        'user-id': dataset.user_id,
        'dataset-id': dataset.id,
      }),
    })
    const rows = await call('GET', `/api/training/dataset/${dataset.id}/rows?offset=1`)
    expect(rows.body).toMatchObject({ total: 2, offset: 1 })
    expect(rows.body.rows).toHaveLength(1)
    const link = await call('POST', `/api/training/dataset/${dataset.id}/download-url`, {})
    expect(link.body.token).toBe('s3-presigned')
    const seconds = (Date.parse(link.body.expires_at) - Date.now()) / 1000
    expect(seconds).toBeGreaterThan(7100)
    expect(seconds).toBeLessThanOrEqual(7200)
    const bytes = await (await fetch(link.body.url)).bytes()
    expect(bytes.byteLength).toBe(dataset.file_size_bytes)
    const listed = await call('GET', '/api/training/dataset?provider=s3')
    expect(listed.body).toMatchObject({ count: 1, provider: 's3' })
    expect((await call('GET', '/api/training/dataset?provider=supabase')).body).toMatchObject({ count: 0 })
    const removed = await call('DELETE', `/api/training/dataset/${dataset.id}`)
    expect(removed.body).toMatchObject({
      deleted: true,
      object_removed: true,
      bytes_removed: dataset.file_size_bytes,
    })
    expect(await objectExists(dataset)).toBeNull()
  })

  test('no link lives longer than two hours, whoever asks for how much', async () => {
    const { dataset } = (await upload('Long')).body
    const owner = await app.services.identity.ensureOwner()
    const link = await createDatasetUrl(app.services, owner, {
      datasetId: dataset.id,
      expiresSeconds: 999_999,
    })
    expect(Date.parse(link.expires_at)).toBeLessThanOrEqual(Date.now() + 7_200_000)
    await call('DELETE', `/api/training/dataset/${dataset.id}`)
  })

  test('stays where it is when the bucket and region of the secret change', async (context) => {
    const made = await client
      .send(new CreateBucketCommand({ Bucket: secondBucket }))
      .catch((error: Error) => error)
    if (made instanceof Error && made.name !== 'BucketAlreadyOwnedByYou')
      context.skip(`no second bucket can be made at this server: ${made.message}`)
    const older = (await upload('Older')).body.dataset
    // Somebody else's server may take requests that are signed for its own region only.
    const region = s3.kind === 'external' ? s3.region : 'eu-central-1'
    await putKey({ s3_bucket: secondBucket, region })
    const newer = (await upload('Newer')).body.dataset
    expect(newer).toMatchObject({ storage_bucket: secondBucket, storage_region: region })
    expect(await objectExists(newer)).not.toBeNull()
    for (const dataset of [older, newer]) {
      expect((await call('GET', `/api/training/dataset/${dataset.id}/rows`)).body.total).toBe(2)
      const { url } = (await call('POST', `/api/training/dataset/${dataset.id}/download-url`, {})).body
      expect((await fetch(url)).status).toBe(200)
    }
    const tested = await call('POST', '/api/secrets/aws/test')
    expect(tested.body.steps).toContainEqual(
      expect.objectContaining({ label: `Read earlier datasets in ${s3.bucket}`, status: 'pass' }),
    )
    for (const dataset of [older, newer]) {
      expect((await call('DELETE', `/api/training/dataset/${dataset.id}`)).body.object_removed).toBe(true)
      expect(await objectExists(dataset)).toBeNull()
    }
  })

  test('waits for its key when the secret is deleted: named, listed, neither lost nor half removed', async () => {
    await putKey()
    const { dataset } = (await upload('Waiting')).body
    expect((await call('DELETE', '/api/secrets/aws')).status).toBe(409)
    expect((await call('DELETE', '/api/secrets/aws?confirm=true')).status).toBe(200)
    const missing = {
      status: 400,
      body: { code: 'aws_not_configured', details: expect.stringContaining(`s3://${s3.bucket}`) },
    }
    expect(await call('GET', `/api/training/dataset/${dataset.id}/rows`)).toMatchObject(missing)
    expect(await call('POST', `/api/training/dataset/${dataset.id}/download-url`, {})).toMatchObject(missing)
    expect(await call('DELETE', `/api/training/dataset/${dataset.id}`)).toMatchObject(missing)
    expect((await call('GET', `/api/training/dataset/${dataset.id}`)).body.status).toBe('ready')
    expect(await objectExists(dataset)).not.toBeNull()
    await putKey()
    expect((await call('GET', `/api/training/dataset/${dataset.id}/rows`)).body.total).toBe(2)
    expect((await call('DELETE', `/api/training/dataset/${dataset.id}`)).body.object_removed).toBe(true)
  })

  test('a key that the store does not know is said to be that, by the test and by an upload', async (context) => {
    if (s3.unproven.signatures) context.skip(s3.unproven.signatures)
    await putKey({ secret_access_key: 'wrong'.repeat(8) })
    const tested = await call('POST', '/api/secrets/aws/test')
    expect(tested.body).toMatchObject({ ok: false })
    expect(tested.body.steps).toContainEqual(
      expect.objectContaining({
        id: 'credentials',
        status: 'fail',
        fix: expect.stringContaining('Copy the access key'),
      }),
    )
    expect(await upload('Refused')).toMatchObject({
      status: 403,
      body: { code: 'storage_credentials_refused' },
    })
    expect((await call('GET', '/api/training/dataset')).body.count).toBe(0)
    await putKey()
  })

  test('an unknown store is refused before a byte of the file is read', async () => {
    let blocksRead = 0
    const boundary = 'boundary'
    async function* endlessForm() {
      const field = 'content-disposition: form-data; name='
      yield Buffer.from(`--${boundary}\r\n${field}"storage_provider"\r\n\r\ngcs\r\n`)
      yield Buffer.from(`--${boundary}\r\n${field}"file"; filename="a.jsonl"\r\n\r\n`)
      for (; blocksRead < blocksMax; blocksRead++) yield Buffer.alloc(64 * 1024, 'x')
    }
    const answer = await app.asOwner('/api/training/dataset', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: Readable.toWeb(Readable.from(endlessForm())),
      duplex: 'half',
    } as RequestInit)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_storage_provider' })
    expect(blocksRead).toBeLessThan(blocksMax)
    const listed = await call('GET', '/api/training/dataset?provider=gcs')
    expect(listed).toMatchObject({ status: 400, body: { code: 'invalid_storage_provider' } })
  })
})
