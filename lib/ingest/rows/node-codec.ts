import { isUtf8 } from 'node:buffer'
import { nativeScan } from '../scan/native-scan.ts'
import type { TextCodec } from './row-text.ts'

/** Node's own decoding, several times as fast on short rows as the one of the web platform. Bytes are Buffers. */
export const nodeCodec: TextCodec = {
  decode: (bytes, start, end) => (bytes as Buffer).toString('utf8', start, end),
  isUtf8,
  scan: nativeScan,
  encode: (text) => Buffer.from(text),
  find: (bytes, text, from) => (bytes as Buffer).indexOf(text, from, 'latin1'),
}
