import { sniffEncoding } from '#lib/ingest/source/encoding.ts'
import { isGzip, isParquet, isZstd } from '#lib/ingest/source/magic.ts'

/** Enough of a file to ask with. */
export const headBytes = 4096

/**
 * Whether the server can take up a file in its middle, by the first bytes. Of what it cannot, nothing is safe before all
 * of it is there: it goes in one request, without waiting for anything to become safe.
 */
export function hasPlaces(head: Uint8Array): boolean {
  if (isGzip(head) || isZstd(head) || isParquet(head)) return false
  return sniffEncoding(head).startsWith('utf-8')
}
