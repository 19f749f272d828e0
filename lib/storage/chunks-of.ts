/** Cuts a stream into chunks of exactly `bytes`, the last one shorter; never an empty one. */
export async function* chunksOf(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Buffer, void, undefined> {
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
        chunk = Buffer.allocUnsafe(bytes)
        filled = 0
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
