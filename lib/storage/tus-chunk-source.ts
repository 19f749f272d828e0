import type { FileSource, SliceResult } from 'tus-js-client'
import { sessionLost } from './supabase-errors.ts'

/**
 * A stream as tus-js-client wants to read it: by offset, going forward, the current chunk again after a failure.
 * One chunk is read ahead, so that the last one is known to be the last when it is sent.
 */
export class TusChunkSource implements FileSource {
  /** Unknown; the length is declared with the last chunk. */
  readonly size = Number.NaN
  readonly #chunks: AsyncIterator<Buffer>
  #current: Buffer = Buffer.alloc(0)
  #start = 0
  #ahead: Promise<IteratorResult<Buffer>> | null = null

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks
  }

  async slice(start: number, _end: number): Promise<SliceResult> {
    const end = this.#start + this.#current.byteLength
    if (start < this.#start || start > end) {
      throw sessionLost(`The server stands at byte ${start}, we are at ${this.#start} to ${end}.`, undefined)
    }
    if (start === end) await this.#advance(end)
    this.#ahead ??= this.#chunks.next()
    const done = (await this.#ahead).done === true
    const rest = this.#current.subarray(start - this.#start)
    // tus-js-client reads the length from a `size` that it puts on its own buffers too.
    return { value: Object.assign(rest, { size: rest.byteLength }), done } as unknown as SliceResult
  }

  close(): void {}

  async #advance(start: number): Promise<void> {
    const next = await (this.#ahead ?? this.#chunks.next())
    this.#ahead = null
    this.#start = start
    this.#current = next.done ? Buffer.alloc(0) : next.value
  }
}
