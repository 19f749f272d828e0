import { aborted } from '#lib/errors/app-error.ts'
import { Interruption } from '#lib/streams/interruption.ts'

/** The source's chunks, counted, until the caller goes away: then it throws, even while it waits for the next one. */
export async function* receive(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  const gone = new Interruption()
  const leave = (): void =>
    gone.interrupt(aborted('aborted', 'The upload was cancelled', undefined, signal?.reason))
  signal?.addEventListener('abort', leave, { once: true })
  if (signal?.aborted) leave()
  let done = false
  try {
    for (;;) {
      const next = await gone.wait(iterator.next())
      if (next.done) {
        done = true
        return
      }
      onBytes(next.value.length)
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', leave)
    // Not awaited after an abort: a source that waits for bytes that never come would not return either.
    if (!done) {
      const returned = Promise.resolve(iterator.return?.()).catch(() => {})
      if (!signal?.aborted) await returned
    }
  }
}
