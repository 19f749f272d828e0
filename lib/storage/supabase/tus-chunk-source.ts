import type { FileSource, SliceResult } from 'tus-js-client'
import { sessionLost } from './errors.ts'

/** Held besides the one that is being sent: one to know whether that is the last, one that is being filled. */
const chunksAhead = 2

/**
 * A stream as tus-js-client wants to read it: by offset, going forward, the current chunk again after a failure.
 * It reads ahead while a chunk is on its way.
 */
export class TusChunkSource implements FileSource {
  /** Unknown; the length is declared with the last chunk. */
  readonly size = Number.NaN
  readonly #chunks: AsyncIterator<Buffer<ArrayBuffer>>
  readonly #spare: Buffer<ArrayBuffer>[]
  readonly #ahead: Promise<IteratorResult<Buffer<ArrayBuffer>>>[] = []
  #current: Buffer<ArrayBuffer> = Buffer.alloc(0)
  #start = 0

  /** Chunks that the server has go to `spare`. */
  constructor(chunks: AsyncIterator<Buffer<ArrayBuffer>>, spare: Buffer<ArrayBuffer>[]) {
    this.#chunks = chunks
    this.#spare = spare
  }

  async slice(start: number, _end: number): Promise<SliceResult> {
    const end = this.#start + this.#current.byteLength
    if (start < this.#start || start > end) {
      throw sessionLost(`The server stands at byte ${start}, we are at ${this.#start} to ${end}.`, undefined)
    }
    if (start === end) {
      const next = await this.#next()
      this.#start = start
      if (this.#current.byteLength > 0) this.#spare.push(this.#current)
      this.#current = next.done ? Buffer.alloc(0) : next.value
    }
    this.#readAhead()
    const done = (await this.#ahead[0])?.done === true
    const rest = this.#current.subarray(start - this.#start)
    // tus-js-client reads the length from a `size` that it puts on its own buffers too.
    return { value: Object.assign(rest, { size: rest.byteLength }), done } as unknown as SliceResult
  }

  close(): void {}

  #next(): Promise<IteratorResult<Buffer<ArrayBuffer>>> {
    this.#readAhead()
    return this.#ahead.shift()!
  }

  #readAhead(): void {
    while (this.#ahead.length < chunksAhead) {
      const next = this.#chunks.next()
      // Looked at when its turn comes; until then a failure would count as unhandled.
      next.catch(() => {})
      this.#ahead.push(next)
    }
  }
}
