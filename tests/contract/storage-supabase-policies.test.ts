import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest'
import { supabaseDatasetKey } from '#lib/storage/storage-key.ts'
import { examineSupabaseBucket, type SupabaseDoctorOptions } from '#lib/storage/supabase/bucket-doctor.ts'
import { supabaseChunkBytes } from '#lib/storage/supabase/resumable-upload.ts'
import {
  createSupabaseStorageService,
  type SupabaseStorageOptions,
} from '#lib/storage/supabase-storage-service.ts'
import { startFaultProxy, unproxied } from '#tests/support/fault-proxy.ts'
import { collect, digestOf, payload } from '#tests/support/storage/byte-sources.ts'
import { type SupabaseUnderTest, startSupabase } from '#tests/support/supabase/start-supabase.ts'
import { projectTokens } from '#tests/support/supabase/tokens.ts'

let project: SupabaseUnderTest
const owner = crypto.randomUUID()
const newKey = (user = owner) => supabaseDatasetKey(user, crypto.randomUUID())

beforeAll(async () => {
  project = await startSupabase()
})
afterAll(async () => {
  if (!project) return
  const storage = asService()
  for await (const { key } of storage.list(`${owner}/`)) await storage.delete(key)
  await project.close()
})

function asService(changes: Partial<SupabaseStorageOptions> = {}) {
  return createSupabaseStorageService({
    url: project.url,
    apiKey: project.anonKey,
    token: async () => project.serviceRoleKey,
    actsAs: 'service',
    retryDelays: [20, 50, 100],
    ...changes,
  })
}

function asUser(sub: string) {
  const { userToken } = projectTokens(project.jwtSecret)
  return asService({ token: () => userToken(sub), actsAs: 'user' })
}

function behindProxy(context: TestContext) {
  const direct = unproxied(project.url)
  if (direct) context.skip(direct)
}

describe('policies of the bucket', () => {
  it('let users work in their own folder with their own token', async () => {
    const storage = asUser(owner)
    await storage.probe()
    for (const size of [1000, supabaseChunkBytes + 1000]) {
      const key = newKey()
      const sent = payload(size)
      await storage.put(key, sent.stream())
      expect((await digestOf(await storage.getRange(key))).sha256).toBe(sent.sha256)
      const { url } = await storage.signDownload(key, { expiresSeconds: 60 })
      expect((await digestOf((await fetch(url)).body!)).sha256).toBe(sent.sha256)
      expect(await storage.delete(key)).toEqual({ removed: true })
    }
  })

  it('hide everything from strangers', async () => {
    const key = newKey()
    await asUser(owner).put(key, payload(100).stream())
    const stranger = asUser(crypto.randomUUID())
    const missing = { kind: 'not_found', code: 'object_not_found' }
    expect(await stranger.head(key)).toBeNull()
    await expect(stranger.getRange(key)).rejects.toMatchObject(missing)
    await expect(stranger.signDownload(key, { expiresSeconds: 60 })).rejects.toMatchObject(missing)
    expect(await stranger.delete(key)).toEqual({ removed: false })
    for await (const _ of stranger.list(`${owner}/`)) throw new Error('listed')
    for (const size of [100, supabaseChunkBytes + 1]) {
      await expect(stranger.put(key, payload(size, 2).stream())).rejects.toMatchObject({
        kind: 'denied',
        code: 'storage_denied',
      })
    }
    expect((await digestOf(await asUser(owner).getRange(key))).sha256).toBe(payload(100).sha256)
  })
})

describe('resumable uploads', () => {
  it('send true chunks of 6 MiB, the rest last, with a token asked for anew', async (context) => {
    behindProxy(context)
    const proxy = await startFaultProxy(project.url)
    onTestFinished(() => proxy.close())
    const patches: number[] = []
    proxy.decide = ({ method, headers }) => {
      if (method === 'PATCH') patches.push(Number(headers['content-length']))
      return null
    }
    const token = vi.fn(async () => project.serviceRoleKey)
    const key = newKey()
    await asService({ url: proxy.url, token }).put(key, payload(3 * supabaseChunkBytes + 77).stream())
    expect(patches).toEqual([supabaseChunkBytes, supabaseChunkBytes, supabaseChunkBytes, 77])
    expect(token.mock.calls.length).toBeGreaterThanOrEqual(5)
  })

  it('go on where the server stands after a break in the middle of a chunk', async (context) => {
    behindProxy(context)
    const proxy = await startFaultProxy(project.url)
    onTestFinished(() => proxy.close())
    let broken = false
    proxy.decide = ({ method }) => {
      if (method !== 'PATCH' || broken) return null
      broken = true
      return { kind: 'reset-request', afterBytes: 3_000_000 }
    }
    const key = newKey()
    const sent = payload(2 * supabaseChunkBytes)
    await asService({ url: proxy.url }).put(key, sent.stream())
    expect((await digestOf(await asService().getRange(key))).sha256).toBe(sent.sha256)
    expect(proxy.seen.filter((line) => line.startsWith('HEAD'))).not.toHaveLength(0)
    expect(proxy.seen.filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  it('fail when the server forgot the session, and never start over in the middle of the stream', async (context) => {
    behindProxy(context)
    const double = project.double
    if (!double) return context.skip('a real project forgets sessions only after an hour')
    const proxy = await startFaultProxy(project.url)
    onTestFinished(() => proxy.close())
    let patches = 0
    proxy.decide = ({ method }) => {
      if (method === 'PATCH') patches++
      if (method !== 'PATCH' || patches !== 2) return null
      return { kind: 'reset-request', afterBytes: 1_000_000 }
    }
    const key = newKey()
    const source = (async function* () {
      for await (const chunk of payload(4 * supabaseChunkBytes).stream()) {
        if (patches === 1) await double.forgetSessions()
        yield chunk
      }
    })()
    await expect(asService({ url: proxy.url }).put(key, source)).rejects.toMatchObject({
      kind: 'transient',
      code: 'upload_session_lost',
    })
    expect(proxy.seen.filter((line) => line.startsWith('HEAD'))).not.toHaveLength(0)
    expect(proxy.seen.filter((line) => line.startsWith('POST'))).toHaveLength(1)
    expect(await asService().head(key)).toBeNull()
  })

  it('keep the object when only the last answer is lost', async (context) => {
    behindProxy(context)
    const proxy = await startFaultProxy(project.url)
    onTestFinished(() => proxy.close())
    proxy.decide = ({ method, headers }) =>
      (method === 'PATCH' && headers['upload-length'] !== undefined) ||
      (method === 'POST' && headers['x-upsert'] && !headers['tus-resumable'])
        ? { kind: 'lose-answer' }
        : null
    for (const size of [1000, supabaseChunkBytes + 1000]) {
      const key = newKey()
      const sent = payload(size)
      await asService({ url: proxy.url }).put(key, sent.stream())
      expect((await digestOf(await asService().getRange(key))).sha256).toBe(sent.sha256)
    }
  })
})

describe('the double answers as the real server does', () => {
  it('with statuses in the body', async (context) => {
    if (!project.double) return context.skip('asks the stand-in what the real server is known to answer')
    const { userToken } = projectTokens(project.jwtSecret)
    const authorization = `Bearer ${await userToken(owner)}`
    const base = `${project.url}/storage/v1`
    const answer = await fetch(`${base}/object/training-datasets/${newKey()}`, { headers: { authorization } })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      statusCode: '404',
      error: 'not_found',
      message: 'Object not found',
      code: 'NoSuchKey',
    })
    const key = newKey()
    await asUser(owner).put(key, payload(10).stream())
    const { url } = await asUser(owner).signDownload(key, { expiresSeconds: 1 })
    await vi.waitFor(async () => expect((await fetch(url)).status).toBe(400), { timeout: 5000 })
    expect(await (await fetch(url)).json()).toMatchObject({
      code: 'InvalidJWT',
      message: '"exp" claim timestamp check failed',
    })
    expect(String(await collect(await asUser(owner).getRange(key)))).toHaveLength(10)
  })
})

describe('the bucket doctor', () => {
  const examine = (changes: Partial<SupabaseDoctorOptions> = {}) =>
    examineSupabaseBucket({
      url: project.url,
      apiKey: project.anonKey,
      token: async () => project.serviceRoleKey,
      actsAs: 'service',
      retryDelays: [],
      folder: owner,
      ...changes,
    })

  it('passes a good bucket and leaves nothing', async () => {
    const report = await examine()
    expect(report.steps.filter(({ status }) => status !== 'pass')).toEqual([])
    for await (const { key } of asService().list(`${owner}/finetunelab-doctor/`))
      throw new Error(`left ${key}`)
  })

  it('tells wrong keys, missing buckets and missing policies apart', async () => {
    const stepOf = (report: Awaited<ReturnType<typeof examine>>, id: string) =>
      report.steps.find((step) => step.id === id)!
    const other = projectTokens('another secret, thirty-two bytes or more')
    const wrong = await examine({ token: () => other.apiKey('service_role') })
    expect(stepOf(wrong, 'credentials')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('keys'),
    })
    const missing = await examine({ bucket: 'no-such-bucket' })
    expect(stepOf(missing, 'credentials')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('Create'),
    })
    const { userToken } = projectTokens(project.jwtSecret)
    const stranger = await examine({ token: () => userToken(crypto.randomUUID()), actsAs: 'user' })
    expect(stepOf(stranger, 'put')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('policies'),
    })
    expect(stepOf(stranger, 'delete').status).toBe('skipped')
    const proxy = await startFaultProxy(project.url)
    await proxy.close()
    const dead = await examine({ url: proxy.url })
    expect(stepOf(dead, 'reach')).toMatchObject({ status: 'fail', fix: expect.stringContaining('paused') })
  })
})
