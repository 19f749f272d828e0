import { describe, expect, it, vi } from 'vitest'
import { digestOf, payload, sliceOf, streamOf } from '#tests/support/storage/byte-sources.ts'
import type { StoreSection } from './storage.contract.ts'

/** Links that a store signs: who holds one has the object, for a time, and nothing else. */
export function describeSignedLinks({ store, newKey, needs }: StoreSection): void {
  const storage = () => store().storage

  describe('signed links', () => {
    const sign = async (key: string, expiresSeconds: number) => {
      store().beforeLink?.(storage(), key)
      return storage().signDownload(key, { expiresSeconds })
    }

    it('hand out the object, whole and in ranges, to whoever holds them', async (context) => {
      needs(context, 'signed-links')
      const key = newKey()
      const sent = payload(100_000, 4)
      await storage().put(key, sent.stream())
      const { url, expiresAt } = await sign(key, 600)
      expect(Math.abs(expiresAt.getTime() - Date.now() - 600_000)).toBeLessThan(5000)
      const whole = await fetch(url)
      expect(whole.status).toBe(200)
      expect((await digestOf(whole.body!)).sha256).toBe(sent.sha256)
      const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
      expect(part.status).toBe(206)
      expect(part.headers.get('content-range')).toBe('bytes 10-19/100000')
      expect(Buffer.from(await part.arrayBuffer()).equals(sliceOf(100_000, 10, 19, 4))).toBe(true)
    })

    it('die at their time', async (context) => {
      needs(context, 'signed-links')
      const key = newKey()
      await storage().put(key, streamOf([Buffer.from('x')]))
      const { url, expiresAt } = await sign(key, 2)
      expect((await fetch(url)).status).toBe(200)
      await vi.waitFor(async () => expect((await fetch(url)).ok).toBe(false), {
        timeout: 8000,
        interval: 200,
      })
      expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime() - 1000)
    })

    it('cannot be changed: not the signature, not the object, not the expiry', async (context) => {
      needs(context, 'signed-links')
      const [key, other] = [newKey(), newKey()]
      // Not the key: a store may say which one was refused.
      const content = crypto.randomUUID()
      for (const each of [key, other]) await storage().put(each, streamOf([Buffer.from(content)]))
      const { url } = await sign(key, 600)
      store().beforeLink?.(storage(), other)
      const idOf = (path: string) => path.split('/').at(-1)!.replace('.jsonl.gz', '')
      for (const tampered of [
        url.replace(
          /((?:signature|token)=[^&]{9,}?)([^&])(?=[^&]{9})/i,
          (_, front, at) => front + (at === '7' ? '8' : '7'),
        ),
        url.replaceAll(idOf(key), idOf(other)),
        url.replace(/(expires=)(\d+)/i, (_, field, seconds) => `${field}${Number(seconds) + 600}`),
      ]) {
        if (tampered === url) continue
        const answer = await fetch(tampered)
        expect(answer.ok, tampered).toBe(false)
        expect(await answer.text()).not.toContain(content)
      }
    })

    it.each([0, -1, 1.5, 7201, Number.NaN])('are not made for %s seconds', async (expiresSeconds) => {
      await expect(storage().signDownload(newKey(), { expiresSeconds })).rejects.toMatchObject({
        kind: 'invalid',
        code: 'invalid_expiry',
      })
    })
  })
}
