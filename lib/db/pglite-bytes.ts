/*
 * How PGlite passes `bytea`: as hex text. Its own way goes byte by byte, which takes 0.7 s for 5 MB; an upload
 * writes as much every second.
 */
const byteaId = 17

export const byteaParsers = {
  [byteaId]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
}

export const byteaSerializers = {
  [byteaId](value: unknown): string {
    if (!(value instanceof Uint8Array)) throw new TypeError('A bytea column takes a Uint8Array')
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  },
}
