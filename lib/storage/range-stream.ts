import { Readable } from 'node:stream'
import { Interruption } from '#lib/streams/interruption.ts'
import { namedStorageError, storageAborted } from './storage-errors.ts'
import type { Stopwatch } from './storage-observation.ts'

/**
 * The bytes of a ranged read with named errors. Not a generator, because one that is closed before its first
 * `next()` never runs its `finally`, and the socket behind it would stay open.
 */
export function rangeStream(
  chunks: AsyncIterable<Uint8Array>,
  stopwatch: Stopwatch,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  const gone = new Interruption()

  const finish = () => signal?.removeEventListener('abort', onAbort)
  const fail = (error: unknown): never => {
    const named = namedStorageError(error, signal)
    stopwatch.failed(named)
    finish()
    throw named
  }
  const release = () => {
    // The iterator of a stream that nobody read from yet would not close it.
    if (chunks instanceof Readable) chunks.destroy()
    else Promise.resolve(iterator.return?.()).catch(() => {})
  }
  const onAbort = () => {
    release()
    gone.interrupt(storageAborted(signal))
  }
  signal?.addEventListener('abort', onAbort, { once: true })

  const stream: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => stream,
    async next() {
      try {
        if (signal?.aborted) throw storageAborted(signal)
        const step = await gone.wait(Promise.resolve(iterator.next()))
        if (step.done) {
          stopwatch.succeeded()
          finish()
        } else {
          stopwatch.count(step.value.byteLength)
        }
        return step
      } catch (error) {
        return fail(error)
      }
    },
    async return() {
      // A reader that stops early has what it wanted.
      stopwatch.succeeded()
      finish()
      release()
      return { done: true, value: undefined }
    },
  }
  return stream
}
