const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, at) => bytes[at] === byte)

export const isGzip = (head: Uint8Array): boolean => startsWith(head, [0x1f, 0x8b])

/**
 * A frame of data, or one that is to be skipped, which some programs put before the first: RFC 8878, 3.1.
 */
export const isZstd = (head: Uint8Array): boolean =>
  startsWith(head, [0x28, 0xb5, 0x2f, 0xfd]) ||
  ((head[0]! & 0xf0) === 0x50 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]))

/** Parquet files begin and end with PAR1. */
export const isParquet = (head: Uint8Array): boolean => startsWith(head, [0x50, 0x41, 0x52, 0x31])
