import { createHash } from 'node:crypto'
import type { MemberIndexEntry } from './ingest.types.ts'

/** The object that the members make up as they go out: its hash, its size, its index. */
export class StoredObject {
  readonly members: MemberIndexEntry[] = []
  sizeBytes = 0
  private rows = 0
  private readonly hash = createHash('sha256')

  add(member: Uint8Array, rows: number): void {
    this.hash.update(member)
    this.members.push({ offset: this.sizeBytes, sizeBytes: member.length, firstRow: this.rows, rows })
    this.sizeBytes += member.length
    this.rows += rows
  }

  /** To be asked once, at the end. */
  sha256(): string {
    return this.hash.digest('hex')
  }
}
