import { describe, expect, it, onTestFinished } from 'vitest'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '#tests/support/fault-proxy.ts'
import { collect, digestOf, payload, streamOf } from '#tests/support/storage/byte-sources.ts'
import type { StoreSection } from './storage.contract.ts'

/** A store that is slow, breaks off, fails, goes away or fills up: what was asked for works or is refused whole. */
export function describeStoreInTrouble({ store, newKey, expectNothing, needs }: StoreSection): void {
  const storage = () => store().storage

  describe('a store in trouble', () => {
    async function behindProxy(): Promise<{ proxy: FaultProxy; troubled: StorageService }> {
      const proxy = await startFaultProxy(store().address!)
      onTestFinished(() => proxy.close())
      return { proxy, troubled: store().at!(proxy.url) }
    }
    const times = (
      count: number,
      fault: Fault,
      applies: (method: string) => boolean,
    ): FaultProxy['decide'] => {
      let left = count
      return ({ method }) => (applies(method ?? '') && left-- > 0 ? fault : null)
    }
    const writes = (method: string) => method === 'PUT' || method === 'POST' || method === 'PATCH'
    const sizes: [string, () => number][] = [
      ['small', () => 300_000],
      ['in parts', () => store().partBytes + 300_000],
    ]

    it.for(sizes)('slow: it takes longer and works (%s)', async ([, size], context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      proxy.decide = () => ({ kind: 'slow', millisecondsPerChunk: 2 })
      const sent = payload(size(), 5)
      expect((await troubled.put(newKey(), sent.stream())).sha256).toBe(sent.sha256)
    })

    it.for(sizes)('500 twice: it is asked again and works (%s)', async ([, size], context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      const key = newKey()
      const sent = payload(size(), 6)
      proxy.decide = times(2, { kind: 'answer', status: 500, body: 'oops' }, writes)
      expect((await troubled.put(key, sent.stream())).sha256).toBe(sent.sha256)
      expect((await digestOf(await storage().getRange(key))).sha256).toBe(sent.sha256)
      proxy.decide = times(2, { kind: 'answer', status: 500, body: 'oops' }, () => true)
      expect((await troubled.head(key))?.sizeBytes).toBe(sent.sizeBytes)
    })

    it.for(sizes)('a reset in the middle: it is sent again and works (%s)', async ([, size], context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      const key = newKey()
      const sent = payload(size(), 7)
      proxy.decide = times(
        2,
        { kind: 'reset-request', afterBytes: 100_000 },
        (method) => method !== 'POST' && writes(method),
      )
      expect((await troubled.put(key, sent.stream())).sha256).toBe(sent.sha256)
      expect((await digestOf(await storage().getRange(key))).sha256).toBe(sent.sha256)
    })

    it.for(sizes)('500 for ever: a transient error, and nothing remains (%s)', async ([, size], context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      const key = newKey()
      proxy.decide = ({ method }) =>
        method === 'PUT' || method === 'PATCH' || (method === 'POST' && size() <= store().partBytes)
          ? { kind: 'answer', status: 500, body: 'oops' }
          : null
      await expect(troubled.put(key, payload(size()).stream())).rejects.toMatchObject({
        kind: 'transient',
      })
      await expectNothing(key)
    })

    it('a download that breaks off is an error, never a short file', async (context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      const key = newKey()
      await storage().put(key, payload(2_000_000).stream())
      proxy.decide = () => ({ kind: 'reset-response', afterBytes: 700_000 })
      await expect((async () => collect(await troubled.getRange(key)))()).rejects.toMatchObject({
        kind: 'transient',
      })
    })

    it('gone: a transient error with a code of its own', async (context) => {
      needs(context, 'faults')
      const { proxy, troubled } = await behindProxy()
      await proxy.close()
      for (const call of [
        () => troubled.probe(),
        () => troubled.head(newKey()),
        () => troubled.put(newKey(), streamOf([Buffer.from('x')])),
        () => troubled.put(newKey(), payload(store().partBytes + 1).stream()),
      ]) {
        await expect(call()).rejects.toMatchObject({ kind: 'transient', code: 'storage_unreachable' })
      }
    })

    it.for(sizes)('full: a limit, and nothing remains (%s)', async ([, size], context) => {
      needs(context, 'fills-up')
      const full = await store().nearlyFull!()
      const key = newKey()
      await expect(full.put(key, payload(Math.max(size(), 3_000_000)).stream())).rejects.toMatchObject({
        kind: 'limit',
      })
      expect(await full.head(key)).toBeNull()
    })
  })
}
