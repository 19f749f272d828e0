/*
 * How PGlite passes long values. A serializer that answers bytes has them sent as they are; one that answers text has it
 * counted and encoded character by character in JavaScript, which takes 10 ms for half a megabyte, and its own way with
 * `bytea` is through hex. An upload writes megabytes of both every second.
 */
const byteaId = 17
const textId = 25
/** Below this the detour costs more than it saves. */
const longCharacters = 1000

export const byteParsers = {
  [byteaId]: (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
}

/** PGlite's type knows of text only; its protocol takes either. */
type Serializer = (value: unknown) => string

export const byteSerializers = {
  [byteaId]: ((value: unknown) => {
    if (!(value instanceof Uint8Array)) throw new TypeError('A bytea column takes a Uint8Array')
    return value
  }) as unknown as Serializer,
  [textId]: ((value: unknown) => {
    if (typeof value !== 'string' || value.length < longCharacters) return String(value)
    return Buffer.from(value)
  }) as Serializer,
}
