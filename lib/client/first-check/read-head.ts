import { isGzip, isZstd } from '#lib/ingest/source/magic.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'

/** So much is looked at; most files that people try things out with are shorter. */
export const headBytesMax = 4 << 20

export interface FileHead {
  /** The first bytes, inflated. */
  bytes: Uint8Array
  /** There is more. */
  partial: boolean
  compression: IngestReport['compression']
}

/** The beginning of a file as text bytes; null where a browser cannot inflate it. */
export async function readHead(file: Blob): Promise<FileHead | null> {
  const magic = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  if (isZstd(magic)) return inflateHead(file, 'zstd')
  if (isGzip(magic)) return inflateHead(file, 'gzip')
  const bytes = new Uint8Array(await file.slice(0, headBytesMax).arrayBuffer())
  return { bytes, partial: file.size > headBytesMax, compression: 'none' }
}

/** Reads only as much of the file as fills the head; what is broken is left for the server to describe. */
async function inflateHead(file: Blob, compression: 'gzip' | 'zstd'): Promise<FileHead | null> {
  const inflater = inflaterOf(compression)
  if (!inflater) return null
  const reader = file.stream().pipeThrough(inflater).getReader()
  const head = new Uint8Array(headBytesMax)
  let filled = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { bytes: head.slice(0, filled), partial: false, compression }
      const taken = value.subarray(0, headBytesMax - filled)
      head.set(taken, filled)
      filled += taken.length
      if (filled === headBytesMax) return { bytes: head, partial: true, compression }
    }
  } catch {
    return null
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Not every browser knows Zstandard. */
function inflaterOf(compression: 'gzip' | 'zstd'): TransformStream<BufferSource, Uint8Array> | null {
  try {
    return new DecompressionStream(compression as CompressionFormat) as never
  } catch {
    return null
  }
}
