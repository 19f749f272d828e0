import type { ResumablePut, ResumablePuts } from './resumable-put.ts'
import { normaliseStorageKey } from './storage-key.ts'
import type { StorageOperation } from './storage-observation.ts'

export type Measured = <T>(
  operation: StorageOperation,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
) => Promise<T>

/** Resumable puts as the facade hands them out: keys normal, errors named, each call timed. */
export function namedPuts(puts: ResumablePuts, measured: Measured): ResumablePuts {
  const named = <T>(signal: AbortSignal | undefined, run: () => Promise<T>) =>
    measured('resumablePut', signal, run)

  const namedPut = (put: ResumablePut, signal: AbortSignal | undefined): ResumablePut => ({
    get tailBytes() {
      return put.tailBytes
    },
    append: (bytes) => named(signal, () => put.append(bytes)),
    // To save what there is and to let go of it is still right when the caller is gone.
    checkpoint: () => named(undefined, () => put.checkpoint()),
    commit: () => named(signal, () => put.commit()),
    abort: () => named(undefined, () => put.abort()),
    release: () => named(undefined, () => put.release()),
  })

  return {
    begin: (key, options = {}) =>
      named(options.signal, async () =>
        namedPut(await puts.begin(normaliseStorageKey(key), options), options.signal),
      ),
    resume: (key, checkpoint, options = {}) =>
      named(options.signal, async () =>
        namedPut(await puts.resume(normaliseStorageKey(key), checkpoint, options), options.signal),
      ),
    abort: (key, checkpoint, options = {}) =>
      named(options.signal, async () => puts.abort(normaliseStorageKey(key), checkpoint, options)),
  }
}
