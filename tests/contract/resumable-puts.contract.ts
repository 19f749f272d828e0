import { describe, expect, it, onTestFinished } from 'vitest'
import type { PutCheckpoint, ResumablePut, ResumablePuts } from '#lib/storage/resumable-put.ts'
import { startFaultProxy } from '#tests/support/fault-proxy.ts'
import { collect, digestOf, payload } from '#tests/support/storage/byte-sources.ts'
import type { StoreSection } from './storage.contract.ts'

/** More than two parts of any store, and no multiple of any part. */
const totalBytes = 17_000_000
const chunkBytes = 1_300_000

/** What `lib/storage/resumable-put.ts` says, for each store that declares it. */
export function describeResumablePuts({ store, newKey, expectNothing, needs }: StoreSection): void {
  const storage = () => store().storage
  const puts = () => storage().resumable as ResumablePuts

  describe('resumable puts', () => {
    it('are there when the store says so', () => {
      expect(storage().resumable !== null).toBe(storage().capabilities.resumesPuts)
    })

    it.each([
      ['one byte', 1],
      ['less than a part', 900_000],
      ['several parts', totalBytes],
    ])('store the same bytes, unseen until the commit: %s', async (_, size) => {
      const key = newKey()
      const sent = payload(size, 21)
      const metadata = { 'uploaded-by': 'finetunelab' }
      const put = await puts().begin(key, { contentType: 'application/gzip', metadata })
      await appendAll(put, await whole(sent), 0)
      expect(await storage().head(key)).toBeNull()
      await put.commit()
      expect(await digestOf(await storage().getRange(key))).toEqual({ sizeBytes: size, sha256: sent.sha256 })
      expect(await storage().head(key)).toMatchObject({ contentType: 'application/gzip' })
    })

    it('go on in another process behind the last checkpoint', async () => {
      const key = newKey()
      const sent = payload(totalBytes, 22)
      const bytes = await whole(sent)
      const first = await puts().begin(key)
      let checkpoint = copied(await first.checkpoint())
      await first.release()
      for (const stop of [1, 4_000_000, 7_100_000, 14_500_000]) {
        const put = await puts().resume(key, checkpoint)
        await appendAll(put, bytes.subarray(0, stop), safeBytes(checkpoint))
        checkpoint = copied(await put.checkpoint())
        expect(safeBytes(checkpoint)).toBe(stop)
        // The process dies with bytes on their way of which nobody took note.
        await appendAll(put, bytes.subarray(0, Math.min(totalBytes, stop + 6_500_000)), stop)
        await put.release()
      }
      const last = await puts().resume(key, checkpoint)
      await appendAll(last, bytes, safeBytes(checkpoint))
      await last.commit()
      expect(await digestOf(await storage().getRange(key))).toEqual({
        sizeBytes: totalBytes,
        sha256: sent.sha256,
      })
    })

    it.each([
      ['small', 10_000],
      ['in parts', totalBytes],
    ])('can be committed again by a process that does not know that they were (%s)', async (_, size) => {
      const key = newKey()
      const sent = payload(size, 23)
      const bytes = await whole(sent)
      const put = await puts().begin(key)
      await appendAll(put, bytes.subarray(0, size - 5000), 0)
      const checkpoint = copied(await put.checkpoint())
      await appendAll(put, bytes, size - 5000)
      await put.commit()
      const again = await puts().resume(key, checkpoint)
      await appendAll(again, bytes, size - 5000)
      await again.commit()
      expect((await digestOf(await storage().getRange(key))).sha256).toBe(sent.sha256)
    })

    it('leave nothing when they are aborted, however often, and cannot go on', async () => {
      const key = newKey()
      const put = await puts().begin(key)
      await appendAll(put, await whole(payload(totalBytes, 24)), 0)
      const checkpoint = copied(await put.checkpoint())
      await put.release()
      await puts().abort(key, checkpoint)
      await puts().abort(key, checkpoint)
      await expectNothing(key)
      await expect(puts().resume(key, checkpoint)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'upload_session_lost',
      })
    })

    it('replace what was there', async () => {
      const key = newKey()
      await storage().put(key, payload(70_000, 25).stream())
      const put = await puts().begin(key)
      await put.append(Buffer.from('new'))
      expect((await storage().head(key))?.sizeBytes).toBe(70_000)
      await put.commit()
      expect(String(await collect(await storage().getRange(key)))).toBe('new')
    })

    it('survive requests that fail twice and requests that break off', async (context) => {
      needs(context, 'faults')
      const proxy = await startFaultProxy(store().address!)
      onTestFinished(() => proxy.close())
      const troubled = store().at!(proxy.url).resumable as ResumablePuts
      const key = newKey()
      const sent = payload(totalBytes, 26)
      const put = await troubled.begin(key)
      let requests = 0
      proxy.decide = ({ method }) => {
        if (method !== 'PUT' && method !== 'PATCH') return null
        requests += 1
        if (requests === 2) return { kind: 'reset-request', afterBytes: 1_000_000 }
        return requests === 3 ? { kind: 'answer', status: 500, body: 'oops' } : null
      }
      await appendAll(put, await whole(sent), 0)
      await put.commit()
      expect((await digestOf(await storage().getRange(key))).sha256).toBe(sent.sha256)
    })
  })
}

async function appendAll(put: ResumablePut, bytes: Uint8Array, from: number): Promise<void> {
  for (let at = from; at < bytes.length; at += chunkBytes)
    await put.append(bytes.subarray(at, at + chunkBytes))
}

const whole = (sent: ReturnType<typeof payload>) => collect(sent.stream())

const safeBytes = ({ storedBytes, tail }: PutCheckpoint) => storedBytes + tail.length

/** As it comes back from a database. */
function copied({ storedBytes, tail, handle }: PutCheckpoint): PutCheckpoint {
  return { storedBytes, tail: tail.slice(), handle: JSON.parse(JSON.stringify(handle)) }
}
