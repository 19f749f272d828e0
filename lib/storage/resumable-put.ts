/**
 * Puts that outlive the process that began them. `storage-service.ts` has the contract that they belong to.
 *
 * - What was appended is invisible until `commit`, which makes all of it appear at once.
 * - A checkpoint is plain data. Whoever holds the latest can `resume` in another process: the put then stands exactly
 *   behind the bytes that had been appended at the checkpoint; what was appended later is forgotten, and has to be
 *   appended again. A store may have kept it all the same, so bytes that are appended again must be the same bytes.
 * - Where the store lost what it had (it expires unfinished uploads, somebody removed them), `resume` rejects with
 *   kind `conflict`, code `upload_session_lost`.
 * - Where the store can be told so, a commit replaces nothing that appeared after the put began: it rejects with
 *   `upload_session_lost`, and the object of whoever was faster stays.
 * - A checkpoint whose put was committed can be resumed and committed again, which changes nothing: a process may die
 *   between the commit and its note of it.
 * - `abort` leaves nothing of the put behind, and can be repeated.
 */
import { type AppError, conflict } from '#lib/errors/app-error.ts'
import type { CallOptions, PutOptions } from './storage-service.ts'

export interface PutCheckpoint {
  /** Bytes that the store itself holds. */
  storedBytes: number
  /** Bytes behind those which the store does not take yet, because they fill no part. */
  tail: Uint8Array
  /** How the store calls the unfinished upload; JSON. */
  handle: Readonly<Record<string, unknown>>
}

export interface ResumablePuts {
  begin(key: string, options?: PutOptions): Promise<ResumablePut>
  resume(key: string, checkpoint: PutCheckpoint, options?: PutOptions): Promise<ResumablePut>
  abort(key: string, checkpoint: PutCheckpoint, options?: CallOptions): Promise<void>
}

/** One put that is under way. Calls come one after the other. */
export interface ResumablePut {
  /** Bytes that were appended since a part was last filled: a checkpoint has to carry them. */
  readonly tailBytes: number
  append(bytes: Uint8Array): Promise<void>
  /** Resolves when everything that was appended is safe: in the store, or in the checkpoint's tail. */
  checkpoint(): Promise<PutCheckpoint>
  commit(): Promise<void>
  abort(): Promise<void>
  /** Lets go of files and requests; the put stands as it did at its last checkpoint. */
  release(): Promise<void>
}

export function uploadSessionLost(details: string, cause?: unknown): AppError {
  return conflict(
    'upload_session_lost',
    'The store no longer has the beginning of this upload; it has to start again',
    details,
    cause,
  )
}

/** Bytes in the order in which they came, to be taken in pieces of a wanted size. */
export class ByteQueue {
  #chunks: Uint8Array[] = []
  length = 0

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.length += bytes.length
  }

  /** The first so many bytes, which are no more than there are. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(bytes)
    let filled = 0
    while (filled < bytes) {
      const chunk = this.#chunks[0]!
      const piece = chunk.subarray(0, bytes - filled)
      taken.set(piece, filled)
      filled += piece.length
      if (piece.length === chunk.length) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(piece.length)
    }
    this.length -= bytes
    return taken
  }

  copy(): Uint8Array<ArrayBuffer> {
    const all = this.take(this.length)
    if (all.length > 0) this.push(all)
    return all.slice()
  }
}
