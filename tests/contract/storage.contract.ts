import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { collect, digestOf, payload, sliceOf, streamOf } from '#tests/support/storage/byte-sources.ts'
import { describeResumablePuts } from './resumable-puts.contract.ts'
import { describeSignedLinks } from './signed-links.contract.ts'
import { describeStoreInTrouble } from './store-in-trouble.contract.ts'

/** Guarantees that some store cannot show; the wiring says why. */
export type Excusable =
  | 'metadata'
  | 'signed-links'
  | 'wrong-credentials'
  | 'faults'
  | 'fills-up'
  | 'missing-bucket'
  | 'leftovers'

export interface StoreUnderTest {
  /** What answers behind the adapter: a real server, or what stands in for one. */
  server: string
  storage: StorageService
  /** Where the adapter changes its way of sending; sizes around it are tried. */
  partBytes: number
  /** The address that the faults are put in front of. */
  address?: string
  /** The same store reached by another address. */
  at?(address: string): StorageService
  withWrongCredentials?(): StorageService
  withMissingBucket?(): StorageService
  /** A store that takes less than a megabyte more. */
  nearlyFull?(): Promise<StorageService>
  /** Makes a signed link work where serving it is not the store's own business. */
  beforeLink?(storage: StorageService, key: string): void
  /** Whatever a put below this prefix left behind besides objects: unfinished uploads, partial files. */
  leftovers?(prefix: string): Promise<string[]>
  close?(): Promise<void>
}

export interface StorageWiring {
  start(): Promise<StoreUnderTest>
  /** Reasons, by guarantee; read after `start`, since they may depend on the server that was found. */
  excused(): Partial<Record<Excusable, string>>
}

/** What a part of the contract in a file of its own goes by. */
export interface StoreSection {
  /** Read when a test runs: it is started by then. */
  store(): StoreUnderTest
  newKey(): string
  expectNothing(key: string): Promise<void>
  /** Skips a test of what this store is excused from. */
  needs(context: TestContext, guarantee: Excusable): void
}

const largeBytes = 200 * 1024 * 1024

/** What every store promises. `lib/storage/storage-service.ts` has the words; this has the proof. */
export function describeStorage(name: string, wiring: StorageWiring): void {
  describe(`${name} store`, () => {
    let store: StoreUnderTest
    let storage: StorageService
    const prefix = `contract-${crypto.randomUUID()}/datasets/`
    const newKey = () => `${prefix}${crypto.randomUUID()}.jsonl.gz`

    beforeAll(async () => {
      store = await wiring.start()
      storage = store.storage
    })
    afterAll(async () => {
      if (!store) return
      for await (const { key } of storage.list(prefix)) await storage.delete(key)
      await store.close?.()
    })

    // Read by tests/support/contract-table.ts.
    beforeEach(({ task }) => {
      task.meta.store = { adapter: name, server: store.server }
    })

    const needs = (context: TestContext, guarantee: Excusable) => {
      const reason = wiring.excused()[guarantee]
      if (reason) context.skip(reason)
    }
    const expectNothing = async (key: string) => {
      expect(await storage.head(key)).toBeNull()
      expect(await keysBelow(storage, prefix)).not.toContain(key)
      if (store.leftovers) await vi.waitFor(async () => expect(await store.leftovers!(prefix)).toEqual([]))
    }

    const section: StoreSection = { store: () => store, newKey, expectNothing, needs }

    describe('put', () => {
      const aroundPart = { 'part-1': -1, part: 0, 'part+1': 1 }
      const sizes: [string, () => number][] = [
        ['0', () => 0],
        ['1', () => 1],
        ...Object.entries(aroundPart).map(([label, more]): [string, () => number] => [
          label,
          () => store.partBytes + more,
        ]),
        ['two parts', () => 2 * store.partBytes],
        ['200 MB', () => largeBytes],
      ]

      it.each(sizes)('stores and returns the same bytes: %s', async (_, size) => {
        const key = newKey()
        const sent = payload(size())
        const expected = { sizeBytes: sent.sizeBytes, sha256: sent.sha256 }
        expect(await storage.put(key, sent.stream())).toEqual(expected)
        expect((await storage.head(key))?.sizeBytes).toBe(sent.sizeBytes)
        expect(await digestOf(await storage.getRange(key))).toEqual(expected)
        expect(await storage.delete(key)).toEqual({ removed: true })
      })

      it('ignores empty chunks', async () => {
        const key = newKey()
        await storage.put(
          key,
          streamOf([new Uint8Array(0), Buffer.from('a'), new Uint8Array(0), Buffer.from('b')]),
        )
        expect(String(await collect(await storage.getRange(key)))).toBe('ab')
      })

      it('keeps content type and metadata', async (context) => {
        needs(context, 'metadata')
        const metadata = { 'uploaded-by': 'finetunelab', 'user-id': 'u-1', 'dataset-id': 'd-1' }
        for (const size of [10, store.partBytes + 1]) {
          const key = newKey()
          await storage.put(key, payload(size).stream(), { contentType: 'application/gzip', metadata })
          const info = await storage.head(key)
          expect(info).toMatchObject({ contentType: 'application/gzip', metadata })
          expect(Math.abs(Date.now() - (info?.lastModified?.getTime() ?? 0))).toBeLessThan(600_000)
        }
      })

      it('replaces what was there', async () => {
        const key = newKey()
        await storage.put(key, payload(store.partBytes + 5).stream())
        const second = payload(1000, 2)
        await storage.put(key, second.stream())
        expect(await digestOf(await storage.getRange(key))).toEqual({
          sizeBytes: 1000,
          sha256: second.sha256,
        })
      })

      it('lets one of several concurrent writers win whole', async () => {
        const key = newKey()
        const sent = [100_000, 200_000, store.partBytes + 300_000, store.partBytes + 400_000].map(
          (size, at) => payload(size, at + 10),
        )
        await Promise.all(sent.map((each) => storage.put(key, each.stream())))
        const { sha256 } = await digestOf(await storage.getRange(key))
        expect(sent.map((each) => each.sha256)).toContain(sha256)
        expect((await keysBelow(storage, prefix)).filter((found) => found === key)).toHaveLength(1)
      })
    })

    describe('a put that fails leaves nothing', () => {
      const lengths: [string, () => number][] = [
        ['before the first part', () => 1000],
        ['after some parts', () => Math.floor(store.partBytes * 2.5)],
      ]

      it.each(lengths)('aborted in the middle, %s', async (_, bytes) => {
        const key = newKey()
        const controller = new AbortController()
        const put = storage.put(
          key,
          endless(bytes(), () => controller.abort()),
          { signal: controller.signal },
        )
        await expect(put).rejects.toMatchObject({ name: 'AppError', kind: 'aborted' })
        await expectNothing(key)
      })

      it('aborted before it began: the source is not touched', async () => {
        const touched = vi.fn()
        const source = (async function* () {
          touched()
          yield Buffer.from('x')
        })()
        const put = storage.put(newKey(), source, { signal: AbortSignal.abort() })
        await expect(put).rejects.toMatchObject({ kind: 'aborted' })
        expect(touched).not.toHaveBeenCalled()
      })

      it.each(lengths)('a source that throws, %s: its own error comes back', async (_, bytes) => {
        const key = newKey()
        const failure = new Error('row 7 is bad')
        await expect(storage.put(key, failing(bytes(), failure))).rejects.toBe(failure)
        await expectNothing(key)
      })

      it('and keeps what was there before', async () => {
        const key = newKey()
        const before = payload(5000, 3)
        await storage.put(key, before.stream())
        await expect(storage.put(key, failing(store.partBytes * 2, new Error('no')))).rejects.toThrow('no')
        expect((await digestOf(await storage.getRange(key))).sha256).toBe(before.sha256)
      })
    })

    describe('getRange', () => {
      let key: string
      const sizeBytes = () => store.partBytes + 1000
      beforeAll(async () => {
        key = newKey()
        await storage.put(key, payload(sizeBytes()).stream())
      })

      const ranges: [string, () => { start: number; end?: number }][] = [
        ['the first byte', () => ({ start: 0, end: 0 })],
        ['the last byte', () => ({ start: sizeBytes() - 1 })],
        ['across a part', () => ({ start: store.partBytes - 10, end: store.partBytes + 10 })],
        ['to the end', () => ({ start: sizeBytes() - 500 })],
        ['past the end', () => ({ start: sizeBytes() - 5, end: sizeBytes() + 1_000_000 })],
      ]
      it.each(ranges)('answers %s', async (_, range) => {
        const { start, end } = range()
        const expected = sliceOf(sizeBytes(), start, Math.min(end ?? sizeBytes(), sizeBytes() - 1))
        const got = await collect(await storage.getRange(key, range()))
        expect(got.equals(expected)).toBe(true)
      })

      it('refuses a range that begins beyond the end', async () => {
        for (const start of [sizeBytes(), sizeBytes() + 10]) {
          await expect(storage.getRange(key, { start })).rejects.toMatchObject({
            kind: 'invalid',
            code: 'range_not_satisfiable',
          })
        }
      })

      it.each([
        { start: -1 },
        { start: 5, end: 4 },
        { start: 0.5 },
        { start: Number.NaN },
        { start: 0, end: Number.POSITIVE_INFINITY },
      ])('refuses the senseless range %o', async (range) => {
        await expect(storage.getRange(key, range)).rejects.toMatchObject({
          kind: 'invalid',
          code: 'invalid_range',
        })
      })

      it('answers nothing for the whole of an empty object', async () => {
        const empty = newKey()
        await storage.put(empty, streamOf([]))
        expect(await collect(await storage.getRange(empty))).toHaveLength(0)
      })

      it('can be left early and aborted in the middle', async () => {
        for await (const chunk of await storage.getRange(key)) {
          expect(chunk.byteLength).toBeGreaterThan(0)
          break
        }
        const controller = new AbortController()
        const chunks = (await storage.getRange(key, undefined, { signal: controller.signal }))[
          Symbol.asyncIterator
        ]()
        await chunks.next()
        controller.abort()
        await expect(chunks.next()).rejects.toMatchObject({ kind: 'aborted' })
      })
    })

    describeResumablePuts(section)

    describe('what is missing', () => {
      it('head answers null, getRange rejects, delete tells', async () => {
        const key = newKey()
        expect(await storage.head(key)).toBeNull()
        await expect(storage.getRange(key)).rejects.toMatchObject({
          kind: 'not_found',
          code: 'object_not_found',
        })
        expect(await storage.delete(key)).toEqual({ removed: false })
      })

      it('delete is idempotent', async () => {
        const key = newKey()
        await storage.put(key, streamOf([Buffer.from('x')]))
        expect(await storage.delete(key)).toEqual({ removed: true })
        expect(await storage.delete(key)).toEqual({ removed: false })
        expect(await storage.head(key)).toBeNull()
      })
    })

    describe('keys', () => {
      const hostile = [
        '',
        '/etc/passwd',
        '../outside',
        'a/../../outside',
        'a/./b',
        'a//b',
        'a/',
        'a\\..\\b',
        'a\u0000b',
        'a\nb',
        `${'x'.repeat(300)}`,
        `${'y/'.repeat(600)}z`,
        '\ud800',
      ]
      it.each(hostile)('refuses %j everywhere', async (key) => {
        const refusal = { kind: 'invalid', code: 'invalid_storage_key' }
        await expect(storage.put(key, streamOf([]))).rejects.toMatchObject(refusal)
        await expect(storage.head(key)).rejects.toMatchObject(refusal)
        await expect(storage.getRange(key)).rejects.toMatchObject(refusal)
        await expect(storage.delete(key)).rejects.toMatchObject(refusal)
        await expect(storage.signDownload(key, { expiresSeconds: 60 })).rejects.toMatchObject(refusal)
      })

      it.each(['with space', "it's (1) & $2=3;4:5+6,7!", '..dots', '.hidden', 'a?b'])(
        'keeps %j apart',
        async (name) => {
          const key = `${prefix}${name}`
          await storage.put(key, streamOf([Buffer.from(name)]))
          expect(String(await collect(await storage.getRange(key)))).toBe(name)
          expect(await keysBelow(storage, prefix)).toContain(key)
          expect(await storage.delete(key)).toEqual({ removed: true })
        },
      )

      it.each(['ü', '%41', '日本'])('takes %j or says that it does not', async (name) => {
        const key = `${prefix}odd/${name}`
        const taken = await storage.put(key, streamOf([Buffer.from(name)])).then(
          () => true,
          (error) => {
            expect(error).toMatchObject({ kind: 'invalid', code: 'invalid_storage_key' })
            return false
          },
        )
        if (taken) {
          expect(String(await collect(await storage.getRange(key)))).toBe(name)
          expect(await keysBelow(storage, `${prefix}odd/`)).toContain(key)
          await storage.delete(key)
        }
      })
    })

    describe('list', () => {
      it('answers what is below a folder and not its neighbour', async () => {
        const base = `${prefix}list/`
        const keys = ['1/a', '1/deep/b', '10/a', 'a'].map((name) => base + name)
        for (const key of keys) await storage.put(key, streamOf([Buffer.from('abc')]))
        expect((await keysBelow(storage, `${base}1/`)).sort()).toEqual([keys[0], keys[1]])
        expect((await keysBelow(storage, base)).sort()).toEqual([...keys].sort())
        for await (const item of storage.list(`${base}10/`)) {
          expect(item).toMatchObject({ key: keys[2], sizeBytes: 3 })
          expect(item.lastModified).toBeInstanceOf(Date)
        }
        expect(await keysBelow(storage, `${base}nothing/`)).toEqual([])
        await expect(keysBelow(storage, `${base}1`)).rejects.toMatchObject({ code: 'invalid_storage_key' })
      })

      it('goes on after the first page', async () => {
        const base = `${prefix}many/`
        const names = Array.from({ length: 1003 }, (_, at) => `${base}${at}`)
        const queue = names.values()
        const workers = Array.from({ length: 16 }, async () => {
          for (const key of queue) await storage.put(key, streamOf([Buffer.from('x')]))
        })
        await Promise.all(workers)
        expect(new Set(await keysBelow(storage, base))).toEqual(new Set(names))
      })
    })

    describeSignedLinks(section)

    describe('access', () => {
      it('a probe passes', async () => {
        await expect(storage.probe()).resolves.toBeUndefined()
      })

      it('wrong credentials are denied, by every call', async (context) => {
        needs(context, 'wrong-credentials')
        const stranger = store.withWrongCredentials!()
        const key = newKey()
        await storage.put(key, streamOf([Buffer.from('mine')]))
        const denial = { kind: 'denied' }
        await expect(stranger.probe()).rejects.toMatchObject(denial)
        await expect(stranger.head(key)).rejects.toMatchObject(denial)
        await expect(stranger.getRange(key)).rejects.toMatchObject(denial)
        await expect(stranger.delete(key)).rejects.toMatchObject(denial)
        await expect(stranger.put(key, streamOf([Buffer.from('theirs')]))).rejects.toMatchObject(denial)
        await expect(stranger.put(key, payload(store.partBytes + 1).stream())).rejects.toMatchObject(denial)
        expect(String(await collect(await storage.getRange(key)))).toBe('mine')
      })

      it('a missing bucket is a setting to change', async (context) => {
        needs(context, 'missing-bucket')
        const lost = store.withMissingBucket!()
        const refusal = { kind: 'misconfigured', code: 'bucket_not_found' }
        await expect(lost.probe()).rejects.toMatchObject(refusal)
        await expect(lost.put(newKey(), streamOf([Buffer.from('x')]))).rejects.toMatchObject(refusal)
        await expect(lost.put(newKey(), payload(store.partBytes + 1).stream())).rejects.toMatchObject(refusal)
      })
    })

    describeStoreInTrouble(section)
  })
}

async function* failing(bytes: number, failure: Error): AsyncGenerator<Uint8Array> {
  yield* payload(bytes).stream()
  throw failure
}

/** Yields so many bytes, tells, and then never goes on. */
async function* endless(bytes: number, then: () => void): AsyncGenerator<Uint8Array> {
  yield* payload(bytes).stream()
  then()
  await new Promise(() => {})
}

async function keysBelow(storage: StorageService, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of storage.list(prefix)) keys.push(key)
  return keys
}
