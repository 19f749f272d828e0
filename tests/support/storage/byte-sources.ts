import { createHash } from 'node:crypto'

export interface Payload {
  sizeBytes: number
  sha256: string
  /** A fresh stream of the same bytes, in chunks of odd sizes. */
  stream(): AsyncGenerator<Uint8Array>
}

const blockBytes = 1 << 20
const oddChunkBytes = 65_521

/** Bytes that differ everywhere, so that a lost, doubled or swapped part changes the hash. */
export function payload(sizeBytes: number, seed = 1): Payload {
  let sha256: string | undefined
  return {
    sizeBytes,
    get sha256() {
      if (sha256 === undefined) {
        const hash = createHash('sha256')
        for (const block of blocks(sizeBytes, seed)) hash.update(block)
        sha256 = hash.digest('hex')
      }
      return sha256
    },
    async *stream() {
      for (const block of blocks(sizeBytes, seed)) {
        for (let at = 0; at < block.byteLength; at += oddChunkBytes)
          yield block.subarray(at, at + oddChunkBytes)
      }
    },
  }
}

/** The bytes of a payload from `start` to `end`, inclusive. */
export function sliceOf(sizeBytes: number, start: number, end: number, seed = 1): Buffer {
  return Buffer.concat([...blocks(sizeBytes, seed)]).subarray(start, end + 1)
}

function* blocks(sizeBytes: number, seed: number): Generator<Buffer> {
  for (let at = 0; at < sizeBytes; at += blockBytes) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, sizeBytes - at))
    let state = (seed * 2_654_435_761 + at + 1) >>> 0
    const words = block.byteLength >> 2
    for (let word = 0; word < words; word++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      block.writeUInt32LE(state, word * 4)
    }
    block.fill(seed & 255, words * 4)
    yield block
  }
}

/** A stream of these chunks. */
export async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Size and hash of a stream that is too large to hold. */
export async function digestOf(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    sizeBytes += chunk.byteLength
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}
