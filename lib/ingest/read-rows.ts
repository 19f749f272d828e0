import { promisify } from 'node:util'
import { gunzip, type ZlibOptions } from 'node:zlib'
import { type AppError, corrupt, isAppError } from '#lib/errors/app-error.ts'
import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { MemberIndexEntry } from './ingest.types.ts'
import { membersForRows } from './member-index.ts'
import { parseExact } from './rows/exact-numbers.ts'
import { inflatedStream, linesOfStream } from './stream-lines.ts'

const inflateMember = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip)
/** A member is inflated in four turns of the thread pool; zlib's own 16 KiB would take 256 and three times as long. */
const inflateChunkBytes = 1 << 20

export interface ReadRowsOptions {
  members: readonly MemberIndexEntry[]
  /** Bytes [start, end) of the stored object. */
  getRange(start: number, end: number): Promise<Uint8Array> | AsyncIterable<Uint8Array>
  offset: number
  limit: number
}

/**
 * Rows [offset, offset + limit) of a stored object, from one range of it: the member, seldom two, that holds them.
 * Rows behind the last one are simply not there, and numbers are written again as they were. Throws `corrupt` when the
 * bytes are not what the index says.
 */
export async function readRows(options: ReadRowsOptions): Promise<JsonValue[]> {
  const texts = await readRowTexts(options)
  return texts.map((text) => parseExact(text))
}

/** The same rows as the JSON texts that are stored. */
export async function readRowTexts({ members, getRange, offset, limit }: ReadRowsOptions): Promise<string[]> {
  const wanted = membersForRows(members, offset, limit)
  const [first] = wanted
  const last = wanted.at(-1)
  if (first === undefined || last === undefined) return []
  if (wanted.some(({ sizeBytes }) => sizeBytes > heldBytesMax)) {
    const texts: string[] = []
    for (const member of wanted) texts.push(...(await streamedRowTexts(member, { getRange, offset, limit })))
    return texts
  }
  const bytes = await collected(getRange(first.offset, last.offset + last.sizeBytes))
  const texts: string[] = []
  for (const member of wanted) {
    const start = member.offset - first.offset
    const raw = await inflated(bytes.subarray(start, start + member.sizeBytes), member)
    texts.push(
      ...lines(
        raw,
        Math.max(0, offset - member.firstRow),
        Math.min(member.rows, offset + limit - member.firstRow),
      ),
    )
  }
  return texts
}

/** Ours are a hundredth of this; a file that somebody else compressed can be one member of any size. */
const heldBytesMax = 64 << 20

async function streamedRowTexts(
  member: MemberIndexEntry,
  { getRange, offset, limit }: Omit<ReadRowsOptions, 'members'>,
): Promise<string[]> {
  const range = await getRange(member.offset, member.offset + member.sizeBytes)
  const compressed = Symbol.asyncIterator in range ? range : [range]
  const from = Math.max(0, offset - member.firstRow)
  try {
    return await linesOfStream(inflatedStream(compressed), from, offset + limit - member.firstRow)
  } catch (error) {
    if (isAppError(error)) throw error
    throw damaged(member, error)
  }
}

async function collected(range: ReturnType<ReadRowsOptions['getRange']>): Promise<Uint8Array> {
  if (!(Symbol.asyncIterator in range)) return range
  const chunks: Uint8Array[] = []
  for await (const chunk of range) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function inflated(bytes: Uint8Array, member: MemberIndexEntry): Promise<Buffer> {
  try {
    return await inflateMember(bytes, { chunkSize: inflateChunkBytes })
  } catch (error) {
    throw damaged(member, error)
  }
}

function damaged(member: MemberIndexEntry, error: unknown): AppError {
  const details = `The rows from ${member.firstRow} on, at byte ${member.offset}, cannot be decompressed.`
  return corrupt('corrupt_object', 'The stored object is damaged', details, error)
}

/** Lines [from, to) without making strings of the others. */
function lines(raw: Buffer, from: number, to: number): string[] {
  const texts: string[] = []
  let start = 0
  for (let line = 0; line < to; line++) {
    const newline = raw.indexOf(0x0a, start)
    // The last row of an object from elsewhere may end without one.
    const end = newline === -1 ? raw.length : newline
    if (end === start && newline === -1) break
    if (line >= from) texts.push(raw.toString('utf8', start, end))
    start = end + 1
  }
  return texts
}
