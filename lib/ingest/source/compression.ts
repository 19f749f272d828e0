import { createGunzip, createZstdDecompress } from 'node:zlib'
import { isGzip, isZstd } from './magic.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

/** By the first bytes, whatever the file is called. */
export function sniffCompression(head: Uint8Array): Compression {
  if (isGzip(head)) return 'gzip'
  if (isZstd(head)) return 'zstd'
  return 'none'
}

const chunkSize = 256 << 10

export const inflaters = {
  gzip: () => createGunzip({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize }),
} as const satisfies Record<Exclude<Compression, 'none'>, unknown>
