import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const newline = 0x0a

/** What gzip bytes inflate to; letting go of it lets go of them. */
export function inflatedStream(
  compressed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return pipeline(
    Readable.from(compressed, { objectMode: false }),
    createGunzip({ chunkSize: 256 * 1024 }),
    () => {},
  )
}

/** Lines [from, to) of a text, read no further than needed; nothing of the others is kept. */
export async function linesOfStream(
  text: AsyncIterable<Uint8Array>,
  from: number,
  to: number,
): Promise<string[]> {
  const texts: string[] = []
  let line = 0
  let begun: Uint8Array[] = []
  for await (const chunk of text) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (line >= from) texts.push(Buffer.concat([...begun, chunk.subarray(start, end)]).toString('utf8'))
      begun = []
      start = end + 1
      if (++line >= to) return texts
    }
    if (line >= from && start < chunk.length) begun.push(chunk.subarray(start))
  }
  if (begun.length > 0) texts.push(Buffer.concat(begun).toString('utf8'))
  return texts
}
