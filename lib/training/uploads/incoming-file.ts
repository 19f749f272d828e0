/** Bytes that may be on their way between the socket and the store: all that a killed server has to be sent again. */
export const windowBytes = 12 << 20

/** A sender who says nothing for so long has gone, whatever the connection claims. */
const silenceMilliseconds = 30_000

export interface IncomingOptions {
  body: AsyncIterable<Uint8Array>
  /** Where in the file the body begins, and how long the file is. */
  offset: number
  sizeBytes: number
  /** Aborted when the sender goes away. */
  signal: AbortSignal
}

/**
 * A file, or the rest of one, as it comes in. It ends in any case, without an error: when the sender goes away or
 * falls silent before the file is whole, `isPaused` says so. It is read no further than `windowBytes` beyond what
 * is safe, as long as something is being worked on: only a row that is longer than that may pass.
 */
export class IncomingFile implements AsyncIterable<Uint8Array> {
  isPaused = false
  /** Blocks that are cut and not done; kept up to date by ingest. */
  blocksInFlight = 0
  #receivedOffset: number
  #safeOffset: number
  #moved: () => void = () => {}
  readonly #options: IncomingOptions
  readonly #closed = new AbortController()

  constructor(options: IncomingOptions) {
    this.#options = options
    this.#receivedOffset = options.offset
    this.#safeOffset = options.offset
  }

  get receivedOffset(): number {
    return this.#receivedOffset
  }

  /** Everything before this offset is in the store for good. */
  markSafe(offset: number): void {
    this.#safeOffset = offset
    this.#moved()
  }

  setBlocksInFlight(count: number): void {
    this.blocksInFlight = count
    this.#moved()
  }

  /** Nobody takes any more of it: it ends, whatever is still to come and however slowly. */
  close(): void {
    this.#closed.abort()
    this.#moved()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { body, sizeBytes } = this.#options
    const signal = AbortSignal.any([this.#options.signal, this.#closed.signal])
    const chunks = body[Symbol.asyncIterator]()
    try {
      while (this.#receivedOffset < sizeBytes) {
        await this.#room()
        const chunk = await nextChunk(chunks, signal)
        if (!chunk) {
          this.isPaused = true
          return
        }
        const wanted = chunk.subarray(0, sizeBytes - this.#receivedOffset)
        this.#receivedOffset += wanted.length
        yield wanted
      }
    } finally {
      // Not awaited: a sender who is silent would not answer this either.
      Promise.resolve(chunks.return?.()).catch(() => {})
    }
  }

  async #room(): Promise<void> {
    const isFull = () => this.#receivedOffset - this.#safeOffset >= windowBytes && this.blocksInFlight > 0
    while (isFull() && !this.#closed.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#moved = resolve
      })
    }
  }
}

/** The next bytes, or null when there are none, for whatever reason. */
async function nextChunk(chunks: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<Uint8Array | null> {
  if (signal.aborted) return null
  const gone = Promise.withResolvers<null>()
  const leave = () => gone.resolve(null)
  const silence = setTimeout(leave, silenceMilliseconds)
  signal.addEventListener('abort', leave, { once: true })
  try {
    const next = chunks.next().then(
      (step) => (step.done ? null : step.value),
      () => null,
    )
    return await Promise.race([next, gone.promise])
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', leave)
  }
}
