import { invalid } from '#lib/errors/app-error.ts'
import { watchedSource } from './put-source.ts'
import { rangeStream } from './range-stream.ts'
import { namedPuts } from './resumable-facade.ts'
import { namedStorageError, storageAborted } from './storage-errors.ts'
import { normaliseStorageKey, normaliseStoragePrefix } from './storage-key.ts'
import {
  type ObserveStorage,
  type Stopwatch,
  type StorageOperation,
  startStopwatch,
} from './storage-observation.ts'
import {
  type ByteRange,
  type PutOptions,
  type StorageService,
  signedLinkSecondsMax,
} from './storage-service.ts'

/**
 * What an adapter implements: the contract without what is the same for all. Keys are normal, ranges and lifetimes
 * valid; errors may be whatever the SDK threw where the adapter has no better word. `put` need not hash.
 */
export interface StorageAdapter extends Omit<StorageService, 'put'> {
  put(key: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>
}

/**
 * Turns a naive adapter into a service: normalises keys, checks ranges and lifetimes, hashes and counts what is
 * put, names every error and reports how long each call took. What the source of a `put` throws comes back as it is.
 */
export function storageFacade(
  provider: string,
  adapter: StorageAdapter,
  observe: ObserveStorage = () => {},
): StorageService {
  const start = (operation: StorageOperation) => startStopwatch(provider, operation, observe)

  async function named<T>(
    stopwatch: Stopwatch,
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    try {
      if (signal?.aborted) throw storageAborted(signal)
      return await run()
    } catch (error) {
      const name = namedStorageError(error, signal)
      stopwatch.failed(name)
      throw name
    }
  }

  async function measured<T>(
    operation: StorageOperation,
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    const stopwatch = start(operation)
    const result = await named(stopwatch, signal, run)
    stopwatch.succeeded()
    return result
  }

  return {
    capabilities: adapter.capabilities,
    location: adapter.location,

    async put(key, source, options = {}) {
      const stopwatch = start('put')
      const watched = watchedSource(source, options.signal, stopwatch.count)
      try {
        if (options.signal?.aborted) throw storageAborted(options.signal)
        await adapter.put(normaliseStorageKey(key), watched.bytes, options)
        stopwatch.succeeded()
        return watched.stored()
      } catch (error) {
        const failure = watched.failure()
        const reason = failure ? failure.error : namedStorageError(error, options.signal)
        stopwatch.failed(reason)
        throw reason
      } finally {
        watched.close()
      }
    },

    resumable: adapter.resumable && namedPuts(adapter.resumable, measured),

    head: (key, options = {}) =>
      measured('head', options.signal, async () => adapter.head(normaliseStorageKey(key), options)),

    async getRange(key, range, options = {}) {
      const stopwatch = start('getRange')
      const stream = await named(stopwatch, options.signal, async () =>
        adapter.getRange(normaliseStorageKey(key), checkedRange(range), options),
      )
      return rangeStream(stream, stopwatch, options.signal)
    },

    signDownload: (key, options) =>
      measured('signDownload', options.signal, async () =>
        adapter.signDownload(normaliseStorageKey(key), {
          ...options,
          expiresSeconds: checkedLifetime(options.expiresSeconds),
        }),
      ),

    delete: (key, options = {}) =>
      measured('delete', options.signal, async () => adapter.delete(normaliseStorageKey(key), options)),

    async *list(prefix, options = {}) {
      const stopwatch = start('list')
      const objects = adapter.list(normaliseStoragePrefix(prefix), options)[Symbol.asyncIterator]()
      try {
        while (true) {
          const step = await named(stopwatch, options.signal, () => objects.next())
          if (step.done) break
          yield step.value
        }
        stopwatch.succeeded()
      } finally {
        await objects.return?.()
      }
    },

    probe: (options = {}) => measured('probe', options.signal, async () => adapter.probe(options)),
  }
}

function checkedRange(range: ByteRange | undefined): ByteRange | undefined {
  if (!range) return undefined
  const { start, end } = range
  const whole = (n: number) => Number.isSafeInteger(n) && n >= 0
  if (whole(start) && (end === undefined || (whole(end) && end >= start))) return range
  throw invalid('invalid_range', 'The byte range is not valid', `Asked for ${start} to ${end ?? 'the end'}.`)
}

function checkedLifetime(expiresSeconds: number): number {
  if (Number.isInteger(expiresSeconds) && expiresSeconds >= 1 && expiresSeconds <= signedLinkSecondsMax) {
    return expiresSeconds
  }
  throw invalid(
    'invalid_expiry',
    'A download link cannot live that long',
    `Ask for 1 to ${signedLinkSecondsMax} whole seconds.`,
  )
}
