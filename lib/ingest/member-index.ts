import { corrupt } from '#lib/errors/app-error.ts'
import type { MemberIndexEntry } from './ingest.types.ts'

/*
 * The index of an object's members, to be kept in a database: one byte of version, then for every member its size
 * and its rows as unsigned LEB128 numbers. Offsets and first rows are sums of what came before. A member of 4 MiB
 * takes about 5 bytes, a dataset of 10 GB about 13 kB.
 */
const version = 1

export function encodeMemberIndex(members: readonly MemberIndexEntry[]): Uint8Array {
  const bytes = [version]
  for (const { sizeBytes, rows } of members) {
    pushNumber(bytes, sizeBytes)
    pushNumber(bytes, rows)
  }
  return Uint8Array.from(bytes)
}

/** Throws `corrupt` when the bytes are no such index. */
export function decodeMemberIndex(bytes: Uint8Array): MemberIndexEntry[] {
  if (bytes[0] !== version) throw badIndex(`Version ${bytes[0]} is unknown.`)
  const numbers = readNumbers(bytes.subarray(1))
  if (numbers.length % 2 !== 0) throw badIndex('It ends in the middle of a member.')
  const members: MemberIndexEntry[] = []
  for (let at = 0; at < numbers.length; at += 2) pushMember(members, numbers[at]!, numbers[at + 1]!)
  return members
}

/** The members that hold rows [offset, offset + limit), in order. */
export function membersForRows(
  members: readonly MemberIndexEntry[],
  offset: number,
  limit: number,
): MemberIndexEntry[] {
  const end = offset + limit
  let from = firstEndingBehind(members, offset)
  const found: MemberIndexEntry[] = []
  while (from < members.length && members[from]!.firstRow < end) found.push(members[from++]!)
  return limit > 0 ? found : []
}

const endOf = (members: readonly MemberIndexEntry[]): number => {
  const last = members.at(-1)
  return last === undefined ? 0 : last.offset + last.sizeBytes
}

function pushMember(members: MemberIndexEntry[], sizeBytes: number, rows: number): void {
  const last = members.at(-1)
  const firstRow = last === undefined ? 0 : last.firstRow + last.rows
  members.push({ offset: endOf(members), sizeBytes, firstRow, rows })
}

function firstEndingBehind(members: readonly MemberIndexEntry[], row: number): number {
  let low = 0
  let high = members.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (members[middle]!.firstRow + members[middle]!.rows <= row) low = middle + 1
    else high = middle
  }
  return low
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

function readNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = []
  let value = 0
  let scale = 1
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale
    scale *= 0x80
    if (byte >= 0x80) continue
    numbers.push(value)
    value = 0
    scale = 1
  }
  if (scale !== 1 || numbers.some((number) => !Number.isSafeInteger(number)))
    throw badIndex('A number is cut off.')
  return numbers
}

const badIndex = (details: string) => corrupt('corrupt_member_index', 'The row index cannot be read', details)
