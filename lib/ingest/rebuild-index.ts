import { corrupt } from '#lib/errors/app-error.ts'
import type { MemberIndexEntry } from './ingest.types.ts'
import { inflateMember } from './members/foreign-member.ts'
import { memberHeaderBytes, readMemberHeader } from './members/gzip-member.ts'
import type { ObjectCursor } from './object-cursor.ts'

const newline = 0x0a
/** Members of others are counted together up to so much text: some tools make one of every 64 KiB. */
const rawBytesTogether = 4 << 20

export interface RebuildOptions {
  /** Gets the rows' text; members of ours are then inflated too, and so proved. */
  onRaw?: (bytes: Uint8Array) => void
  signal?: AbortSignal
}

/**
 * The index from the object alone. Members of ours say how long they are and how many rows they hold, so nothing of
 * them is decompressed. Members of others are inflated and their lines counted; an entry then covers as many of them as it
 * takes to begin and end with whole rows. Throws `corrupt` when the bytes are not gzip, or are cut off.
 */
export async function rebuildMemberIndex(
  cursor: ObjectCursor,
  { onRaw, signal }: RebuildOptions = {},
): Promise<MemberIndexEntry[]> {
  const index = new IndexBuilder()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const start = cursor.position
      const header = await cursor.peek(memberHeaderBytes)
      if (header.length === 0) break
      const ours = readMemberHeader(header)
      if (ours && !index.isOpen && !onRaw) {
        if (!(await cursor.skip(ours.sizeBytes))) throw damaged(start, 'It is cut off')
        index.memberSkipped(cursor.position, ours.rows)
        continue
      }
      const fault = await inflateMember(cursor, (bytes) => {
        index.count(bytes)
        onRaw?.(bytes)
      })
      if (fault) throw damaged(start, fault)
      if (ours && ours.sizeBytes !== cursor.position - start) throw damaged(start, 'Its length is another')
      index.memberEnded(cursor.position, ours !== null)
    }
  } finally {
    await cursor.close()
  }
  return index.finish(cursor.position)
}

/** Collects entries; an open one has members that are not whole rows yet, or few. */
class IndexBuilder {
  readonly #entries: MemberIndexEntry[] = []
  #end = 0
  #rows = 0
  #openRows = 0
  #openRawBytes = 0
  #lastByte = newline

  get isOpen(): boolean {
    return this.#openRawBytes > 0
  }

  memberSkipped(position: number, rows: number): void {
    this.#openRows = rows
    this.#close(position)
  }

  count(raw: Uint8Array): void {
    if (raw.length === 0) return
    this.#openRawBytes += raw.length
    this.#lastByte = raw.at(-1)!
    for (let at = raw.indexOf(newline); at !== -1; at = raw.indexOf(newline, at + 1)) this.#openRows++
  }

  memberEnded(position: number, alone: boolean): void {
    if (this.#lastByte !== newline || this.#openRows === 0) return
    if (alone || this.#openRawBytes >= rawBytesTogether) this.#close(position)
  }

  finish(position: number): MemberIndexEntry[] {
    // A last line without a newline is a row.
    if (this.#openRawBytes > 0 && this.#lastByte !== newline) this.#openRows++
    const last = this.#entries.at(-1)
    if (this.#openRows > 0) this.#close(position)
    else if (last) last.sizeBytes += position - this.#end
    return this.#entries
  }

  #close(position: number): void {
    const rows = this.#openRows
    this.#entries.push({ offset: this.#end, sizeBytes: position - this.#end, firstRow: this.#rows, rows })
    this.#end = position
    this.#rows += rows
    this.#openRows = 0
    this.#openRawBytes = 0
    this.#lastByte = newline
  }
}

const damaged = (offset: number, fault: string) =>
  corrupt(
    'corrupt_object',
    'The stored object is damaged',
    `There is no whole gzip member at byte ${offset}: ${fault}.`,
  )
