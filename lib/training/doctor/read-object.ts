import { createHash } from 'node:crypto'
import { isAppError } from '#lib/errors/app-error.ts'
import type { MemberIndexEntry } from '#lib/ingest/ingest.types.ts'
import { ObjectCursor } from '#lib/ingest/object-cursor.ts'
import { rebuildMemberIndex } from '#lib/ingest/rebuild-index.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'

export interface ObjectReading {
  sizeBytes: number
  /** Of the stored bytes. */
  sha256: string
  /** Null when the bytes are not whole gzip members: `fault` says why. */
  rows: { members: MemberIndexEntry[]; total: number; textSha256: string } | null
  fault: string | null
}

/** Reads an object to its end, inflating all of it. */
export async function readObject(
  store: StorageService,
  key: string,
  signal: AbortSignal,
): Promise<ObjectReading> {
  const stored = await hashedObject(store, key, signal)
  const text = textHash()
  try {
    const members = await rebuildMemberIndex(ObjectCursor.overStream(stored.bytes), {
      onRaw: text.update,
      signal,
    })
    const total = members.reduce((sum, { rows }) => sum + rows, 0)
    return { ...stored.end(), rows: { members, total, textSha256: text.hex() }, fault: null }
  } catch (error) {
    if (!isAppError(error) || error.kind !== 'corrupt') throw error
    // The hash of what lies there is worth knowing all the same.
    const again = await hashedObject(store, key, signal)
    for await (const _ of again.bytes);
    return { ...again.end(), rows: null, fault: String(error.details) }
  }
}

/** Of lines, whether or not the last one ends in a newline. */
export function textHash() {
  const hash = createHash('sha256')
  let last: number | undefined
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes)
      last = bytes.at(-1) ?? last
    },
    hex(): string {
      if (last !== undefined && last !== 0x0a) hash.update('\n')
      return hash.digest('hex')
    },
  }
}

async function hashedObject(store: StorageService, key: string, signal: AbortSignal) {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const source = await store.getRange(key, undefined, { signal })
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk)
      sizeBytes += chunk.byteLength
      yield chunk
    }
  }
  return { bytes: bytes(), end: () => ({ sizeBytes, sha256: hash.digest('hex') }) }
}
