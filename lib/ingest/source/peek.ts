/** The first bytes of a stream, and the stream as if nobody had looked. */
export interface Peeked {
  /** At least as many bytes as asked for, unless the stream is shorter. */
  head: Uint8Array
  /** The head is all there is. */
  complete: boolean
  stream: AsyncGenerator<Uint8Array>
}

export async function peek(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  let complete = false
  while (length < bytes && !complete) {
    const next = await iterator.next()
    if (next.done) complete = true
    else {
      chunks.push(next.value)
      length += next.value.length
    }
  }
  const head = chunks.length === 1 ? chunks[0]! : joined(chunks, length)
  return { head, complete, stream: again(head, iterator, complete) }
}

async function* again(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  complete: boolean,
): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    if (complete) return
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
