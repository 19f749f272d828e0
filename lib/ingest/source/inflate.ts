import { pipeline, Readable } from 'node:stream'
import { type AppError, corrupt, limit } from '#lib/errors/app-error.ts'
import { type Compression, inflaters } from './compression.ts'

export interface InflateLimits {
  inflatedBytesMax: number
  inflationRatioMax: number
}

/** What inflates to less than this cannot hurt, whatever its ratio: short files of like rows pack very well. */
const harmlessBytes = 1 << 20

/**
 * Decompresses, any number of gzip members or zstd frames in a row, and stops as soon as a cap is exceeded: what has
 * been inflated by then is at most one chunk more than the cap. Errors: `limit` for a bomb, `corrupt` for the rest.
 */
export async function* inflate(
  source: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, 'none'>,
  limits: InflateLimits,
): AsyncGenerator<Uint8Array> {
  const inflater = inflaters[compression]()
  let sourceError: unknown
  let receivedBytes = 0
  let inflatedBytes = 0
  let filledEnd = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        if (compression === 'gzip') filledEnd = filledEndOf(chunk, receivedBytes) ?? filledEnd
        receivedBytes += chunk.length
        yield chunk
      }
    } catch (error) {
      sourceError = error
      throw error
    }
  }
  pipeline(Readable.from(counted(), { objectMode: false }), inflater, () => {})
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      inflatedBytes += chunk.length
      checkCaps(inflatedBytes, inflater.bytesWritten, limits)
      yield chunk
    }
  } catch (error) {
    if (sourceError !== undefined) throw sourceError
    throw inflationError(error, compression, receivedBytes, inflatedBytes)
  } finally {
    inflater.destroy()
  }
  // zstd stops silently at what is no frame; gzip only tolerates the zeros that tapes are padded with
  if (inflater.bytesWritten < (compression === 'gzip' ? filledEnd : receivedBytes)) {
    throw trailing(compression, inflater.bytesWritten)
  }
}

/** Behind the last byte of a chunk that is not zero; null when all are. */
function filledEndOf(chunk: Uint8Array, offset: number): number | null {
  for (let at = chunk.length; at > 0; at--) if (chunk[at - 1] !== 0) return offset + at
  return null
}

export function checkCaps(inflated: number, compressed: number, limits: InflateLimits): void {
  if (inflated > limits.inflatedBytesMax) {
    const details = `Decompressed, a file may have ${limits.inflatedBytesMax} bytes.`
    throw limit('inflated_too_large', 'The file is too large when decompressed', details)
  }
  if (inflated > harmlessBytes && inflated > Math.max(compressed, 1) * limits.inflationRatioMax) {
    const details = `It grew more than ${limits.inflationRatioMax} times. Send it uncompressed if it really is that repetitive.`
    throw limit('inflation_ratio', 'The file decompresses to suspiciously many bytes', details)
  }
}

function inflationError(
  error: unknown,
  compression: Compression,
  receivedBytes: number,
  inflatedBytes: number,
): AppError | unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !/^(?:Z_|ZSTD_)/.test(code)) return error
  if (code === 'Z_BUF_ERROR') {
    const details = `The ${compression} data stops after ${receivedBytes} bytes (${inflatedBytes} decompressed), in the middle. Compress or upload it again.`
    return corrupt('truncated_file', 'The compressed file is cut off', details, error)
  }
  // The first header is known to be right, or the file would not be here.
  if (/incorrect header check/.test((error as Error).message)) return trailing(compression, receivedBytes)
  const details = `The ${compression} data is damaged near byte ${receivedBytes} (${inflatedBytes} bytes decompressed): ${(error as Error).message}.`
  return corrupt('damaged_file', 'The compressed file is damaged', details, error)
}

const trailing = (compression: Compression, bytes: number): AppError =>
  corrupt(
    'trailing_data',
    `Something that is not ${compression} follows the compressed data`,
    `Within the first ${bytes} bytes the compressed data ends and other bytes follow. Compress or upload the file again.`,
  )
