/**
 * Cuts a stream into chunks of exactly `bytes`, the last one shorter; never an empty one. Whoever is done with a chunk
 * may put it into `spare`: it is filled again, which saves the collector and the kernel a lot of work.
 */
export async function* chunksOf(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
  spare: Buffer<ArrayBuffer>[] = [],
): AsyncGenerator<Buffer<ArrayBuffer>, void, undefined> {
  let chunk = Buffer.allocUnsafe(bytes)
  let filled = 0
  for await (const piece of source) {
    let taken = 0
    while (taken < piece.byteLength) {
      const fits = Math.min(bytes - filled, piece.byteLength - taken)
      chunk.set(piece.subarray(taken, taken + fits), filled)
      filled += fits
      taken += fits
      if (filled === bytes) {
        yield chunk
        chunk = spare.pop() ?? Buffer.allocUnsafe(bytes)
        filled = 0
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
