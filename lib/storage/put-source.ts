import { createHash } from 'node:crypto'
import { storageAborted } from './storage-errors.ts'
import type { StoredObject } from './storage-service.ts'

export interface WatchedSource {
  bytes: AsyncIterable<Uint8Array>
  /** Size and hash of what was read; call it when the adapter has read to the end. */
  stored(): StoredObject
  /** What the source threw, boxed, because it may have thrown `undefined`. */
  failure(): { error: unknown } | null
  /** Lets go of a source that was not read to its end. */
  close(): void
}

/**
 * Hashes and counts a source while an adapter reads it. An abort ends the wait for a source that never yields;
 * empty chunks are dropped, since to some SDKs they mean the end.
 */
export function watchedSource(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  count: (bytes: number) => void,
): WatchedSource {
  const hash = createHash('sha256')
  const chunks = source[Symbol.asyncIterator]()
  let sizeBytes = 0
  let ended = false
  let failure: { error: unknown } | null = null

  async function* read(): AsyncGenerator<Uint8Array> {
    while (true) {
      let step: IteratorResult<Uint8Array>
      try {
        step = await orAborted(chunks.next(), signal)
      } catch (error) {
        if (!signal?.aborted) failure = { error }
        throw error
      }
      if (step.done) {
        ended = true
        return
      }
      if (step.value.byteLength === 0) continue
      hash.update(step.value)
      sizeBytes += step.value.byteLength
      count(step.value.byteLength)
      yield step.value
    }
  }

  return {
    bytes: read(),
    stored() {
      if (!ended) throw new Error('The adapter did not read the source to its end')
      return { sizeBytes, sha256: hash.digest('hex') }
    },
    failure: () => failure,
    close() {
      // Not awaited: a source that hangs in next() answers return() only after it.
      if (!ended) Promise.resolve(chunks.return?.()).catch(() => {})
    },
  }
}

function orAborted<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return pending
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(storageAborted(signal))
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
