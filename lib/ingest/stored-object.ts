import type { MemberIndexEntry } from './ingest.types.ts'
import { decodeMemberIndex, encodeMemberIndex } from './member-index.ts'
import { nativeHash, type RunningHash, resumableHash } from './running-hash.ts'

/** A `StoredObject` as JSON. */
export interface StoredObjectState {
  /** Base64 of the member index. */
  members: string
  /** Base64 of the hash so far. */
  hash: string
}

/** How many bytes the members of a saved one have. */
export function sizeOfState({ members }: StoredObjectState): number {
  const last = decodeMemberIndex(Buffer.from(members, 'base64')).at(-1)
  return last ? last.offset + last.sizeBytes : 0
}

/** The object that the members make up as they go out: its hash, its size, its index. */
export class StoredObject {
  readonly members: MemberIndexEntry[]
  sizeBytes: number
  private rows: number
  private readonly hash: RunningHash

  constructor(hash: RunningHash = nativeHash(), members: MemberIndexEntry[] = []) {
    const last = members.at(-1)
    this.hash = hash
    this.members = members
    this.sizeBytes = last ? last.offset + last.sizeBytes : 0
    this.rows = last ? last.firstRow + last.rows : 0
  }

  /** One that can be saved, from its beginning or from where it was saved. */
  static async resumable(state: StoredObjectState | null): Promise<StoredObject> {
    if (!state) return new StoredObject(await resumableHash(null))
    const hash = await resumableHash(Buffer.from(state.hash, 'base64'))
    return new StoredObject(hash, decodeMemberIndex(Buffer.from(state.members, 'base64')))
  }

  add(member: Uint8Array, rows: number): void {
    this.hash.update(member)
    this.members.push({ offset: this.sizeBytes, sizeBytes: member.length, firstRow: this.rows, rows })
    this.sizeBytes += member.length
    this.rows += rows
  }

  save(): StoredObjectState {
    return {
      members: Buffer.from(encodeMemberIndex(this.members)).toString('base64'),
      hash: Buffer.from(this.hash.save()).toString('base64'),
    }
  }

  /** To be asked once, at the end. */
  sha256(): string {
    return this.hash.hex()
  }
}
