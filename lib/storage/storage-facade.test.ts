import { describe, expect, it } from 'vitest'
import { conflict } from '#lib/errors/app-error.ts'
import { createMemoryStorageService } from './memory-storage-service.ts'
import { storageCatalog } from './storage-catalog.ts'
import { type StorageAdapter, storageFacade } from './storage-facade.ts'
import type { StorageObservation } from './storage-observation.ts'

async function* of(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

function failingWith(error: unknown): StorageAdapter {
  const fail = async () => {
    throw error
  }
  return {
    capabilities: storageCatalog.local.capabilities,
    location: { bucket: null, region: null, endpoint: null },
    put: fail,
    head: fail,
    getRange: fail,
    signDownload: fail,
    delete: fail,
    resumable: null,
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) }),
    probe: fail,
  }
}

describe('what the facade reports', () => {
  it('is one observation a call, with bytes and outcome', async () => {
    const seen: StorageObservation[] = []
    const storage = createMemoryStorageService({ observe: (observation) => seen.push(observation) })
    await storage.put('a/b', of('hello', ' world'))
    for await (const _ of await storage.getRange('a/b', { start: 0, end: 4 }));
    for await (const _ of storage.list('a/'));
    await storage.getRange('nothing').catch(() => {})
    await storage.head('../x').catch(() => {})
    const failure = new Error('row')
    await storage
      .put(
        'a/c',
        (async function* () {
          yield Buffer.from('x')
          throw failure
        })(),
      )
      .catch(() => {})
    expect(seen.map(({ operation, outcome, bytes }) => [operation, outcome, bytes])).toEqual([
      ['put', 'ok', 11],
      ['getRange', 'ok', 5],
      ['list', 'ok', 0],
      ['getRange', 'not_found', 0],
      ['head', 'invalid', 0],
      ['put', 'failed', 1],
    ])
    for (const { provider, milliseconds } of seen) {
      expect(provider).toBe('memory')
      expect(milliseconds).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('errors', () => {
  it('that an adapter named keep their name', async () => {
    const error = conflict('object_exists', 'There is one')
    await expect(storageFacade('x', failingWith(error)).head('a')).rejects.toBe(error)
  })

  it('of the network are told from those that nobody foresaw', async () => {
    const broken = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error(), { code: 'ECONNRESET' }),
    })
    await expect(storageFacade('x', failingWith(broken)).probe()).rejects.toMatchObject({
      kind: 'transient',
      code: 'storage_unreachable',
      cause: broken,
    })
    await expect(storageFacade('x', failingWith(new Error('?'))).delete('a')).rejects.toMatchObject({
      kind: 'transient',
      code: 'storage_failed',
    })
  })

  it('after an abort are the abort', async () => {
    const storage = storageFacade('x', failingWith(new Error('?')))
    await expect(storage.head('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'aborted',
    })
  })
})
