import { sniffEncoding } from '#lib/ingest/source/encoding.ts'

/** gzip, Zstandard, Parquet. */
const magics = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x50, 0x41, 0x52, 0x31],
]

/** Enough of a file to ask with. */
export const headBytes = 4096

/**
 * Whether the server can take up a file in its middle, by the first bytes. Of what it cannot, nothing is safe before all
 * of it is there: it goes in one request, without waiting for anything to become safe.
 */
export function hasPlaces(head: Uint8Array): boolean {
  if (magics.some((magic) => magic.every((byte, at) => head[at] === byte))) return false
  return sniffEncoding(head).startsWith('utf-8')
}
