import type { ResumablePuts } from './resumable-put.ts'

/**
 * The contract that every store keeps. It states behaviour, and the suite in
 * `tests/contract/storage.contract.ts` proves it for each adapter.
 *
 * - Keys are `/`-separated, relative, already normalised by the facade; adapters use them as they are.
 * - `put` is atomic: until it resolves the key does not exist (or still holds what it held before), and after a
 *   rejection or an abort nothing of it remains, not even an unfinished multipart upload. An existing key is
 *   replaced. Concurrent puts of one key: one of them wins whole.
 * - `head` of a missing key answers null. `getRange` of a missing key rejects with `not_found`.
 * - `delete` is idempotent and reads back: `removed` tells whether there was something to remove.
 * - Errors are AppErrors with distinct kinds: not_found, denied, conflict, limit, transient, misconfigured, aborted.
 */
export interface StorageService {
  readonly capabilities: StorageCapabilities
  /** Where objects go: recorded on each dataset, so that later settings never move an older object. */
  readonly location: StorageLocation
  put(key: string, source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredObject>
  head(key: string, options?: CallOptions): Promise<ObjectInfo | null>
  /** Bytes `start` to `end`, both inclusive as in HTTP; without `end` to the last byte. Beyond the end: kind `invalid`, code `range_not_satisfiable`. */
  getRange(key: string, range?: ByteRange, options?: CallOptions): Promise<AsyncIterable<Uint8Array>>
  signDownload(key: string, options: SignOptions): Promise<SignedDownload>
  delete(key: string, options?: CallOptions): Promise<{ removed: boolean }>
  /** Objects below a prefix that ends in `/` (or all, for the empty prefix), in no stated order. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ListedObject>
  /** Puts that outlive this process: there exactly when `capabilities.resumesPuts` says so. */
  readonly resumable: ResumablePuts | null
  /** A cheap call that proves address, credentials and bucket; rejects with the reason. */
  probe(options?: CallOptions): Promise<void>
}

export interface StorageCapabilities {
  /** What signed links are called in `{url, token}` answers. */
  readonly signedUrlToken: 'supabase-signed' | 's3-presigned' | 'local-signed'
  /** Whether a machine elsewhere can fetch a signed link over HTTPS. */
  readonly servesRemoteReaders: boolean
  /** Whether objects have an `s3://` address. */
  readonly hasS3Uri: boolean
  /** Largest object in bytes, where one is known. */
  readonly objectBytesMax: number | null
  /** Whether a put can be broken off and go on in another process. */
  readonly resumesPuts: boolean
}

export interface StorageLocation {
  readonly bucket: string | null
  readonly region: string | null
  readonly endpoint: string | null
}

export interface CallOptions {
  signal?: AbortSignal
}

export interface PutOptions extends CallOptions {
  contentType?: string
  metadata?: Readonly<Record<string, string>>
}

export interface StoredObject {
  sizeBytes: number
  /** Lower-case hex of the bytes as they were sent. */
  sha256: string
}

export interface ObjectInfo {
  sizeBytes: number
  contentType: string | null
  lastModified: Date | null
  metadata: Readonly<Record<string, string>>
}

export interface ListedObject {
  key: string
  sizeBytes: number
  lastModified: Date | null
}

export interface ByteRange {
  start: number
  end?: number
}

export interface SignOptions extends CallOptions {
  expiresSeconds: number
  /** What a browser should call the file. */
  downloadName?: string
}

/** Signed links live this long at most, on every store. */
export const signedLinkSecondsMax = 7200

export interface SignedDownload {
  url: string
  expiresAt: Date
}
