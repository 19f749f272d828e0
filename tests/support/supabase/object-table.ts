import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { refusals } from './storage-refusal.ts'
import type { Caller } from './tokens.ts'

export interface StoredRow {
  id: string
  bucket: string
  name: string
  file: string
  sizeBytes: number
  contentType: string
  metadata: Record<string, unknown>
  createdAt: Date
}

export interface Bucket {
  id: string
  objectBytesMax: number | null
  mimeTypes: string[] | null
}

/** The characters that Supabase takes in a key. */
const keyCharacters = /^[\w/!.*'() &$@=;:+,?-]+$/

/**
 * `storage.objects` and its policies: whoever is `authenticated` may do anything in the bucket `training-datasets` below
 * the folder that bears the user's id, and sees nothing else. The service may do all, `anon` nothing.
 */
export class ObjectTable {
  readonly buckets = new Map<string, Bucket>()
  /** False: as a project in which nobody has made them. */
  hasPolicies = true
  readonly #rows = new Map<string, StoredRow>()
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  allows(caller: Caller, bucket: string, name: string): boolean {
    if (caller.role === 'service_role') return true
    if (!this.hasPolicies || caller.role !== 'authenticated' || bucket !== 'training-datasets') return false
    return caller.sub !== null && name.startsWith(`${caller.sub}/`)
  }

  /** An object that the caller may see; one of somebody else's is as if it were not there. */
  find(caller: Caller, bucket: string, name: string): StoredRow {
    const row = this.#rows.get(`${bucket}/${name}`)
    if (!row || !this.allows(caller, bucket, name)) throw refusals.noSuchKey()
    return row
  }

  /** What has to hold before a byte is read. */
  checkInsert(options: {
    caller: Caller
    bucket: string
    name: string
    upsert: boolean
    contentType: string
    sizeBytes: number | null
  }): void {
    const { caller, bucket, name, upsert, contentType, sizeBytes } = options
    const settings = this.buckets.get(bucket)
    if (!settings) throw refusals.noSuchBucket()
    if (!keyCharacters.test(name)) throw refusals.invalidKey(name)
    if (!this.allows(caller, bucket, name)) throw refusals.accessDenied()
    if (settings.mimeTypes && !settings.mimeTypes.includes(contentType))
      throw refusals.invalidMime(contentType)
    if (settings.objectBytesMax !== null && sizeBytes !== null && sizeBytes > settings.objectBytesMax) {
      throw refusals.tooLarge()
    }
    if (!upsert && this.#rows.has(`${bucket}/${name}`)) throw refusals.duplicate()
  }

  async receive(source: AsyncIterable<Uint8Array>): Promise<string> {
    await mkdir(this.#dir, { recursive: true })
    const file = join(this.#dir, crypto.randomUUID())
    try {
      await pipeline(source, createWriteStream(file))
      return file
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
  }

  /** Takes a complete file over and makes it visible under its name, in one step. */
  async publish(
    file: string,
    row: Pick<StoredRow, 'bucket' | 'name' | 'contentType' | 'metadata'>,
  ): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
    const kept = join(this.#dir, crypto.randomUUID())
    await rename(file, kept)
    const { size } = await stat(kept)
    const path = `${row.bucket}/${row.name}`
    const before = this.#rows.get(path)
    this.#rows.set(path, {
      ...row,
      id: crypto.randomUUID(),
      file: kept,
      sizeBytes: size,
      createdAt: new Date(),
    })
    if (before) await rm(before.file, { force: true })
  }

  /** Removes what the caller may remove, says nothing of the rest. */
  async remove(caller: Caller, bucket: string, names: string[]): Promise<StoredRow[]> {
    const removed: StoredRow[] = []
    for (const name of names) {
      const row = this.#rows.get(`${bucket}/${name}`)
      if (!row || !this.allows(caller, bucket, name)) continue
      this.#rows.delete(`${bucket}/${name}`)
      await rm(row.file, { force: true })
      removed.push(row)
    }
    return removed
  }

  /** One level of a folder: objects as rows, folders as names. */
  list(caller: Caller, bucket: string, folder: string): (StoredRow | { folder: string })[] {
    const prefix = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`
    const entries = new Map<string, StoredRow | { folder: string }>()
    for (const row of this.#rows.values()) {
      if (row.bucket !== bucket || !row.name.startsWith(prefix) || !this.allows(caller, bucket, row.name))
        continue
      const rest = row.name.slice(prefix.length)
      const slash = rest.indexOf('/')
      if (slash < 0) entries.set(rest, row)
      else entries.set(rest.slice(0, slash), { folder: rest.slice(0, slash) })
    }
    return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  }
}
