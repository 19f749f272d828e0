import { crc32 } from 'node:zlib'

/*
 * One gzip member (RFC 1952) of a stored object:
 *
 *   0   1f 8b 08 04       magic, deflate, FEXTRA
 *   4   00000000 00 ff    no time (the same rows give the same bytes), no hints, unknown system
 *   10  0c 00             12 bytes of extra field follow
 *   12  'F' 'L' 08 00     our subfield, 8 bytes
 *   16  size, uint32 LE   of the whole member
 *   20  rows, uint32 LE   in this member
 *   24  deflate data, crc32, size of the raw rows modulo 2^32
 *
 * Every gzip reader skips the extra field. With it, the index of an object can be rebuilt from its headers alone,
 * by hopping from member to member.
 */
export const memberHeaderBytes = 24
const trailerBytes = 8

/** A member of raw text, so many rows of it, and what the text became when it was deflated. */
export function gzipMember(raw: Uint8Array, rows: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const member = new Uint8Array(memberHeaderBytes + data.length + trailerBytes)
  const view = new DataView(member.buffer)
  member.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 12, 0, 0x46, 0x4c, 8, 0])
  view.setUint32(16, member.length, true)
  view.setUint32(20, rows, true)
  member.set(data, memberHeaderBytes)
  view.setUint32(member.length - 8, crc32(raw), true)
  view.setUint32(member.length - 4, raw.length >>> 0, true)
  return member
}

/** Size and rows from the first bytes of a member; null when they are not ours. */
export function readMemberHeader(header: Uint8Array): { sizeBytes: number; rows: number } | null {
  if (header.length < memberHeaderBytes) return null
  const ours =
    [0x1f, 0x8b, 8, 4].every((byte, at) => header[at] === byte) && header[12] === 0x46 && header[13] === 0x4c
  if (!ours) return null
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  return { sizeBytes: view.getUint32(16, true), rows: view.getUint32(20, true) }
}
