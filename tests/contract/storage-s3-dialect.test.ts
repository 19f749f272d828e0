import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { examineS3Bucket, type S3DoctorOptions } from '#lib/storage/s3/bucket-doctor.ts'
import { s3PartBytes } from '#lib/storage/s3/limits.ts'
import { createS3StorageService, type S3StorageOptions } from '#lib/storage/s3-storage-service.ts'
import { datasetObjectOptions } from '#lib/storage/storage-catalog.ts'
import { s3DatasetKey } from '#lib/storage/storage-key.ts'
import { startFaultProxy, unproxied } from '#tests/support/fault-proxy.ts'
import { clientSettings, type S3TestServer, startS3Server } from '#tests/support/s3-server/start-s3-server.ts'
import { digestOf, payload } from '#tests/support/storage/byte-sources.ts'

let server: S3TestServer
let client: S3Client
const userId = `dialect-${crypto.randomUUID()}`
const newKey = () => s3DatasetKey(userId, crypto.randomUUID())

beforeAll(async () => {
  server = await startS3Server()
  client = new S3Client(clientSettings(server))
})
afterAll(async () => {
  if (!server) return
  const storage = created()
  for await (const { key } of storage.list(`${userId}/`)) await storage.delete(key)
  client.destroy()
  await server.close()
})

function created(changes: Partial<S3StorageOptions> = {}) {
  return createS3StorageService({ ...server, forcePathStyle: true, allowPrivateAddresses: true, ...changes })
}

describe('S3 objects', () => {
  it.each([10, s3PartBytes + 10])('say whose they are (%i bytes)', async (size) => {
    const datasetId = crypto.randomUUID()
    const key = s3DatasetKey(userId, datasetId)
    const says = datasetObjectOptions({ userId, datasetId, deploymentId: 'here' })
    await created().put(key, payload(size).stream(), says)
    const raw = await client.send(new HeadObjectCommand({ Bucket: server.bucket, Key: key }))
    expect(raw.ContentType).toBe('application/gzip')
    expect(raw.Metadata).toMatchObject({
      'uploaded-by': 'finetunelab',
      'user-id': userId,
      'dataset-id': datasetId,
    })
  })

  it.each([10, s3PartBytes + 10])('go through with checksums asked for too (%i bytes)', async (size) => {
    const key = newKey()
    const sent = payload(size)
    const storage = created({ checksumMode: 'sha256' })
    await storage.put(key, sent.stream())
    expect((await digestOf(await storage.getRange(key))).sha256).toBe(sent.sha256)
  })

  it('come with a name for the browser, and no checksum in the link', async () => {
    const key = newKey()
    await created().put(key, payload(100).stream())
    const { url } = await created().signDownload(key, {
      expiresSeconds: 60,
      downloadName: 'naïve "set".jsonl.gz',
    })
    expect(url).not.toMatch(/checksum|crc32/i)
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    if (server.kind !== 'in-process') {
      expect(answer.headers.get('content-disposition')).toContain(`filename*=UTF-8''na%C3%AFve`)
    }
    await answer.body?.cancel()
  })
})

describe('an answer that is lost', () => {
  it.for([1000, s3PartBytes + 1000])('does not lose the object (%i bytes)', async (size, context) => {
    const direct = unproxied(server.endpoint)
    if (direct) return context.skip(direct)
    const proxy = await startFaultProxy(server.endpoint)
    onTestFinished(() => proxy.close())
    // Every answer to the request that makes the object appear is lost, its repetitions' too.
    proxy.decide = ({ method, url = '' }) => {
      const last = method === 'PUT' && !url.includes('uploadId')
      const complete = method === 'POST' && url.includes('uploadId')
      return last || complete ? { kind: 'lose-answer' } : null
    }
    const key = newKey()
    const sent = payload(size)
    await expect(created({ endpoint: proxy.url }).put(key, sent.stream())).resolves.toMatchObject({
      sha256: sent.sha256,
    })
    expect((await digestOf(await created().getRange(key))).sha256).toBe(sent.sha256)
  })
})

describe('a put that was overtaken', () => {
  it.for([10, 6_000_000])(
    'replaces nothing, where the store heeds conditions (%i bytes)',
    async (size, context) => {
      const { learned } = await examineS3Bucket({
        ...server,
        forcePathStyle: true,
        allowPrivateAddresses: true,
      })
      if (!learned.conditionalWrites) context.skip('this server does not know conditional writes')
      const key = newKey()
      const puts = created(learned).resumable!
      const late = await puts.begin(key)
      await late.append(Buffer.alloc(size, 1))
      const winner = payload(1000, 3)
      await created().put(key, winner.stream())
      await expect(late.commit()).rejects.toMatchObject({ code: 'upload_session_lost' })
      await late.abort()
      expect((await digestOf(await created().getRange(key))).sha256).toBe(winner.sha256)
      const next = await puts.begin(key)
      await next.append(Buffer.from('new'))
      await next.commit()
      expect((await created().head(key))?.sizeBytes).toBe(3)
    },
  )
})

describe('endpoints that a user types', () => {
  const refused = { kind: 'misconfigured', code: 'address_refused' }

  it('may not be this machine', () => {
    for (const endpoint of [
      'http://127.0.0.1:9000',
      'http://[::1]',
      'http://169.254.169.254',
      'http://0x7f.1',
    ]) {
      expect(() => created({ endpoint, allowPrivateAddresses: false })).toThrow(
        expect.objectContaining(refused),
      )
    }
    const metadata = { endpoint: 'http://169.254.169.254', allowPrivateAddresses: true }
    expect(() => created(metadata)).toThrow(expect.objectContaining(refused))
  })

  it('may not be a name for this machine', async () => {
    const storage = created({ endpoint: 'http://localhost:9', allowPrivateAddresses: false })
    await expect(storage.probe()).rejects.toMatchObject(refused)
    await expect(storage.put(newKey(), payload(10).stream())).rejects.toMatchObject(refused)
  })
})

describe('the bucket doctor', () => {
  const examine = (changes: Partial<S3DoctorOptions> = {}) =>
    examineS3Bucket({ ...server, forcePathStyle: true, allowPrivateAddresses: true, ...changes })
  const stepOf = (report: Awaited<ReturnType<typeof examine>>, id: string) =>
    report.steps.find((step) => step.id === id)!

  async function expectNoScratch() {
    const scratch = { Bucket: server.bucket, Prefix: 'finetunelab-doctor/' }
    expect((await client.send(new ListObjectsV2Command(scratch))).Contents ?? []).toEqual([])
    expect((await client.send(new ListMultipartUploadsCommand(scratch))).Uploads ?? []).toEqual([])
  }

  it('passes a good bucket, learns its dialect and leaves nothing', async () => {
    const report = await examine()
    expect(report.steps.filter(({ status }) => status !== 'pass')).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.learned).toMatchObject({ forcePathStyle: true, region: server.region })
    expect(JSON.parse(report.advice.find(({ id }) => id === 'iam-policy')!.text).Statement).toHaveLength(2)
    expect(report.advice.map(({ id }) => id)).toContain('lifecycle')
    await expectNoScratch()
  })

  it('notices that conditions are not known for what is stored in parts', async (context) => {
    const unreachable = unproxied(server.endpoint)
    if (unreachable) return context.skip(unreachable)
    const proxy = await startFaultProxy(server.endpoint)
    onTestFinished(() => proxy.close())
    proxy.decide = ({ method, headers }) =>
      method === 'POST' && headers['if-none-match'] ? { kind: 'answer', status: 501 } : null
    const report = await examine({ endpoint: proxy.url })
    expect(report).toMatchObject({ ok: true, learned: { conditionalWrites: false } })
    await expectNoScratch()
  })

  it('finds out by itself that a store wants path style', async (context) => {
    if (!server.endpoint.includes('127.0.0.1'))
      return context.skip('names can be played with on loopback only')
    const named = server.endpoint.replace('127.0.0.1', 'localhost')
    const resolve: S3DoctorOptions['resolve'] = (host, _, done) =>
      host === 'localhost'
        ? done(null, [{ address: '127.0.0.1', family: 4 }])
        : done(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), [])
    const report = await examine({ endpoint: named, forcePathStyle: false, resolve })
    expect(report.steps.filter(({ status }) => status !== 'pass')).toEqual([])
    expect(report.learned.forcePathStyle).toBe(true)
  })

  it('tells a key that can read but not write', async (context) => {
    if (server.unproven.policies) return context.skip(server.unproven.policies)
    const reader = await server.createUser!(`reader-${crypto.randomUUID()}`)
    const bucket = `restricted-${crypto.randomUUID()}`
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    await client.send(
      new PutBucketPolicyCommand({
        Bucket: bucket,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: '*',
              Action: ['s3:GetObject', 's3:ListBucket'],
              Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
            },
          ],
        }),
      }),
    )
    const report = await examine({ ...reader, bucket })
    expect(report.ok).toBe(false)
    expect(stepOf(report, 'list').status).toBe('pass')
    expect(stepOf(report, 'put')).toMatchObject({
      status: 'fail',
      meaning: '403 on PutObject: the key is known, but it may not do this.',
      fix: `Allow s3:PutObject on arn:aws:s3:::${bucket}/*; the whole policy is below.`,
    })
    expect(stepOf(report, 'head')).toMatchObject({
      status: 'skipped',
      meaning: expect.stringContaining('Store an object'),
    })
  })

  it('tells a key that can write but not delete, and what it had to leave', async (context) => {
    if (server.unproven.policies) return context.skip(server.unproven.policies)
    const writer = await server.createUser!(`writer-${crypto.randomUUID()}`)
    const bucket = `append-only-${crypto.randomUUID()}`
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    const everything = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]
    await client.send(
      new PutBucketPolicyCommand({
        Bucket: bucket,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: '*', Action: ['s3:*'], Resource: everything },
            { Effect: 'Deny', Principal: '*', Action: ['s3:DeleteObject'], Resource: everything },
          ],
        }),
      }),
    )
    const report = await examine({ ...writer, bucket })
    expect(stepOf(report, 'multipart').status).toBe('pass')
    expect(stepOf(report, 'delete')).toMatchObject({
      status: 'fail',
      meaning: expect.stringContaining('Left in the bucket: finetunelab-doctor/'),
      fix: expect.stringContaining('s3:DeleteObject'),
    })
  })

  it('tells wrong secrets, missing buckets, dead addresses and wrong clocks apart', async (context) => {
    if (server.unproven.signatures) return context.skip(server.unproven.signatures)
    const wrong = await examine({ secretAccessKey: 'x'.repeat(40) })
    expect(stepOf(wrong, 'credentials')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('Copy'),
    })
    expect(stepOf(wrong, 'put').status).toBe('skipped')

    const missing = await examine({ bucket: `missing-${crypto.randomUUID()}` })
    expect(stepOf(missing, 'credentials').status).toBe('pass')
    expect(stepOf(missing, 'region')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('Create'),
    })

    const dead = await examine({ endpoint: 'http://127.0.0.1:1' })
    expect(dead.steps.map(({ status }) => status)).toEqual(['fail', ...Array(13).fill('skipped')])
    expect(stepOf(dead, 'reach').fix).toContain('firewall')

    const late = await examine({ now: () => new Date(Date.now() - 3_600_000) })
    expect(stepOf(late, 'clock')).toMatchObject({
      status: 'fail',
      meaning: expect.stringMatching(/3[56]\d\d s behind/),
    })

    const inside = await examine({ endpoint: 'http://127.0.0.1:1', allowPrivateAddresses: false })
    expect(stepOf(inside, 'reach').fix).toContain('operator')
    await expectNoScratch()
  })
})
