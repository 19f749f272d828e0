import { crc32, createInflateRaw } from 'node:zlib'
import type { ObjectCursor } from '../object-cursor.ts'

/** Flags of a gzip header (RFC 1952, section 2.3.1). */
const flag = { headerCrc: 2, extra: 4, name: 8, comment: 16 }
const deflate = 8

/**
 * Reads one gzip member of whatever origin and hands on what it inflates to. Answers what is wrong with it, or null
 * when it is whole: lengths and checksum are those that it states.
 */
export async function inflateMember(
  cursor: ObjectCursor,
  onRaw: (bytes: Uint8Array) => void,
): Promise<string | null> {
  if (!(await skipHeader(cursor))) return 'There is no gzip header'
  let checksum = 0
  let length = 0
  const fault = await inflateRaw(cursor, (bytes) => {
    checksum = crc32(bytes, checksum)
    length += bytes.length
    onRaw(bytes)
  })
  if (fault) return fault
  const trailer = Buffer.from(await cursor.take(8))
  if (trailer.length < 8) return 'It is cut off'
  if (trailer.readUInt32LE(0) !== checksum) return 'Its checksum is another'
  if (trailer.readUInt32LE(4) !== length % 2 ** 32) return 'Its length is another'
  return null
}

async function skipHeader(cursor: ObjectCursor): Promise<boolean> {
  const [id1, id2, method, flags = 0, ...rest] = await cursor.take(10)
  if (id1 !== 0x1f || id2 !== 0x8b || method !== deflate || rest.length < 6) return false
  if (flags & flag.extra) {
    const length = await cursor.take(2)
    if (length.length < 2 || !(await cursor.skip(length[0]! + length[1]! * 256))) return false
  }
  if (flags & flag.name && !(await skipText(cursor))) return false
  if (flags & flag.comment && !(await skipText(cursor))) return false
  return !(flags & flag.headerCrc) || cursor.skip(2)
}

async function skipText(cursor: ObjectCursor): Promise<boolean> {
  for (;;) {
    const bytes = await cursor.next()
    if (bytes === null) return false
    const end = bytes.indexOf(0)
    if (end === -1) continue
    cursor.unread(bytes.subarray(end + 1))
    return true
  }
}

const outBytes = 256 * 1024

async function inflateRaw(cursor: ObjectCursor, onRaw: (bytes: Uint8Array) => void): Promise<string | null> {
  const inflater = createInflateRaw({ chunkSize: outBytes })
  const over = new Promise<'end' | Error>((resolve) => {
    inflater.on('data', onRaw)
    inflater.once('end', () => resolve('end'))
    inflater.once('error', resolve)
  })
  let fed = 0
  try {
    for (;;) {
      const bytes = await cursor.next()
      if (bytes === null) return 'It is cut off'
      fed += bytes.length
      const written = new Promise<'written'>((resolve) => inflater.write(bytes, () => resolve('written')))
      // Behind the end of the data nothing is written any more, so the other promise tells.
      const step = await Promise.race([over, written])
      if (step === 'written') continue
      if (step !== 'end') return step.message
      cursor.unread(bytes.subarray(bytes.length - (fed - inflater.bytesWritten)))
      return null
    }
  } finally {
    inflater.destroy()
  }
}
