/** Where the bytes of an object from `start` on come from. */
export type OpenObject = (start: number) => Promise<AsyncIterable<Uint8Array>>

/** Skipping less than this is done by reading on. */
const reopenBytes = 1 << 20

/**
 * Walks through an object's bytes. What is skipped is not fetched where the object can be opened anew behind it, and
 * is read and dropped where there is but one stream.
 */
export class ObjectCursor {
  position = 0
  readonly #open: OpenObject
  /** Null for a stream, which ends when it ends. */
  readonly #sizeBytes: number | null
  #chunks: AsyncIterator<Uint8Array> | null = null
  /** Read but not taken yet. */
  #rest: Uint8Array = new Uint8Array(0)

  private constructor(open: OpenObject, sizeBytes: number | null) {
    this.#open = open
    this.#sizeBytes = sizeBytes
  }

  static overStream(stream: AsyncIterable<Uint8Array>): ObjectCursor {
    return new ObjectCursor(async () => stream, null)
  }

  static overRanges(open: OpenObject, sizeBytes: number): ObjectCursor {
    return new ObjectCursor(open, sizeBytes)
  }

  /** The next bytes, as many as come, never none; null at the end. */
  async next(): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      if (this.#sizeBytes !== null && this.position >= this.#sizeBytes) return null
      this.#chunks ??= (await this.#open(this.position))[Symbol.asyncIterator]()
      const step = await this.#chunks.next()
      if (step.done) return null
      this.#rest = step.value
    }
    const bytes = this.#rest
    this.#rest = new Uint8Array(0)
    this.position += bytes.length
    return bytes
  }

  /** Gives back the end of what came last. */
  unread(bytes: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest])
    this.position -= bytes.length
  }

  /** The next `count` bytes, fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let missing = count
    while (missing > 0) {
      const bytes = await this.next()
      if (bytes === null) break
      if (bytes.length > missing) this.unread(bytes.subarray(missing))
      parts.push(bytes.subarray(0, missing))
      missing -= Math.min(missing, bytes.length)
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  async peek(count: number): Promise<Uint8Array> {
    const bytes = await this.take(count)
    this.unread(bytes)
    return bytes
  }

  /** Moves on and tells whether there was so much. */
  async skip(count: number): Promise<boolean> {
    if (this.#sizeBytes !== null && count - this.#rest.length > reopenBytes) {
      await this.close()
      this.#rest = new Uint8Array(0)
      this.position += count
      return this.position <= this.#sizeBytes
    }
    let missing = count
    while (missing > 0) {
      const bytes = await this.next()
      if (bytes === null) return false
      if (bytes.length > missing) this.unread(bytes.subarray(missing))
      missing -= Math.min(missing, bytes.length)
    }
    return true
  }

  /** Lets go of a stream that was not read to its end. */
  async close(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = null
    await chunks?.return?.()
  }
}
