import { invalid } from '#lib/errors/app-error.ts'

export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'utf-32'

/** By the byte order mark; without one, UTF-16 shows in the zero bytes of its first (ASCII) characters. */
export function sniffEncoding(head: Uint8Array): Encoding {
  const [a, b, c, d] = head
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8-bom'
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return 'utf-32'
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (alternates(head, 0)) return 'utf-16be'
  if (alternates(head, 1)) return 'utf-16le'
  return 'utf-8'
}

/** Whether, in the first characters, every second byte is zero and the others are ASCII. */
function alternates(head: Uint8Array, zeroAt: 0 | 1): boolean {
  const length = Math.min(head.length & ~1, 64)
  if (length < 4) return false
  for (let at = 0; at < length; at++) {
    const byte = head[at]!
    if (at % 2 === zeroAt ? byte !== 0 : byte === 0 || byte > 0x7e) return false
  }
  return true
}

/**
 * The stream as UTF-8 without a byte order mark. UTF-8 itself is passed on unchecked: the rows are checked. A part of a
 * file may end inside of a character.
 */
export async function* toUtf8(
  source: AsyncIterable<Uint8Array>,
  encoding: Encoding,
  { partial = false } = {},
): AsyncGenerator<Uint8Array> {
  if (encoding === 'utf-8') yield* source
  else if (encoding === 'utf-8-bom') yield* withoutFirst(source, 3)
  else if (encoding === 'utf-32') {
    const details = 'The file is encoded in UTF-32. Save it as UTF-8.'
    throw invalid('invalid_dataset', 'The file is not UTF-8', details)
  } else yield* transcoded(source, encoding, partial)
}

async function* withoutFirst(source: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const chunk of source) {
    const rest = chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
    if (rest.length > 0) yield rest
  }
}

async function* transcoded(
  source: AsyncIterable<Uint8Array>,
  encoding: 'utf-16le' | 'utf-16be',
  partial: boolean,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const encoder = new TextEncoder()
  let bytes = 0
  try {
    for await (const chunk of source) {
      const text = decoder.decode(chunk, { stream: true })
      bytes += chunk.length
      if (text !== '') yield encoder.encode(text)
    }
    if (!partial) decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const details = `The ${encoding.toUpperCase()} text is damaged behind byte ${bytes}. Save it as UTF-8.`
    throw invalid('invalid_dataset', 'The file is not valid UTF-16', details, error)
  }
}
