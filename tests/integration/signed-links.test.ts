import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signLocalLink } from '#lib/storage/local/signature.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'

let app: TestApp
let dataset: { id: string; sha256: string; file_size_bytes: number }
let link: URL

beforeAll(async () => {
  app = await startApp()
  const made = await app.asOwner('/api/training/sample', { method: 'POST', body: '{}' })
  dataset = ((await made.json()) as { dataset: typeof dataset }).dataset
  const answer = await app.asOwner(`/api/training/dataset/${dataset.id}/download-url`, {
    method: 'POST',
    body: JSON.stringify({ expiry_hours: 1 }),
  })
  expect(answer.status).toBe(200)
  const body = (await answer.json()) as { url: string; token: string; expires_at: string }
  expect(body.token).toBe('local-signed')
  expect(Date.parse(body.expires_at) - Date.now()).toBeLessThanOrEqual(3_600_000)
  link = new URL(body.url)
})
afterAll(() => app.close())

const get = (url: URL, range?: string) => fetch(url, range ? { headers: { range } } : {})

function altered(change: (search: URLSearchParams) => void): URL {
  const url = new URL(link)
  change(url.searchParams)
  return url
}

test('the holder of a link gets the bytes without any account', async () => {
  const answer = await get(link)
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(answer.headers.get('content-length')).toBe(String(dataset.file_size_bytes))
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(dataset.sha256)
  expect(gunzipSync(bytes).toString().split('\n')).toHaveLength(93)
})

test('ranges are served, also from the end, and refused beyond it', async () => {
  const whole = Buffer.from(await (await get(link)).arrayBuffer())
  const part = await get(link, 'bytes=10-19')
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 10-19/${whole.byteLength}`)
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20))
  expect(Buffer.from(await (await get(link, 'bytes=-5')).arrayBuffer())).toEqual(whole.subarray(-5))
  expect(Buffer.from(await (await get(link, 'bytes=7-')).arrayBuffer())).toEqual(whole.subarray(7))
  expect((await get(link, `bytes=${whole.byteLength}-`)).status).toBe(416)
})

test('HEAD tells the size and sends nothing', async () => {
  const answer = await fetch(link, { method: 'HEAD' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe(String(dataset.file_size_bytes))
  expect(answer.headers.get('accept-ranges')).toBe('bytes')
  expect((await answer.arrayBuffer()).byteLength).toBe(0)
})

test('a link that was altered is refused', async () => {
  const later = String(Number(link.searchParams.get('expires')) + 60)
  const signature = link.searchParams.get('signature')!
  const forged = [
    altered((search) => search.set('expires', later)),
    altered((search) =>
      search.set('signature', `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`),
    ),
    altered((search) => search.delete('signature')),
    new URL(link.href.replace(dataset.id, crypto.randomUUID())),
  ]
  for (const url of forged) expect((await get(url)).status, url.href).toBe(403)
})

test('a link that has run out, or that would live too long, is refused though we signed it', async () => {
  const signed = (expires: number) => {
    const signature = signLocalLink({ datasetId: dataset.id, expires }, app.services.linkKeys[0]!)
    return altered((search) => {
      search.set('expires', String(expires))
      search.set('signature', signature)
    })
  }
  const now = Math.floor(Date.now() / 1000)
  expect((await get(signed(now + 60))).status).toBe(200)
  const stale = await get(signed(now - 1))
  expect(stale.status).toBe(403)
  expect(await stale.json()).toMatchObject({ code: 'link_expired', details: expect.any(String) })
  expect((await get(signed(now + 7_300))).status).toBe(403)
})

test('no link lives longer than two hours', async () => {
  const answer = await app.asOwner(`/api/training/dataset/${dataset.id}/download-url`, {
    method: 'POST',
    body: JSON.stringify({ expiry_hours: 3 }),
  })
  expect(answer.status).toBe(400)
})

test('the link of a dataset that was removed leads nowhere', async () => {
  await app.asOwner(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
  expect((await get(link)).status).toBe(404)
})
