import { invalid } from '#lib/errors/app-error.ts'

/** S3's own limit; the other stores allow no more. */
const keyBytesMax = 1024
/** The longest file name that the usual file systems take. */
const segmentBytesMax = 255

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenCharacters = /[\u0000-\u001f\u007f\\]/

/**
 * Answers the key in Unicode's composed form, so that one name is one object on every store, or rejects with
 * `invalid_storage_key`. What passes is relative and stays below the folder or bucket it is used in.
 */
export function normaliseStorageKey(key: string): string {
  const normal = key.normalize('NFC')
  const fault = faultOf(normal)
  if (fault) throw invalid('invalid_storage_key', 'The storage key cannot be used', fault)
  return normal
}

/** A prefix to list: empty for everything, or a folder that ends in `/`. */
export function normaliseStoragePrefix(prefix: string): string {
  if (prefix === '') return ''
  if (!prefix.endsWith('/')) {
    // Without the delimiter `datasets/1` would also match its neighbour `datasets/10`.
    throw invalid('invalid_storage_key', 'The storage prefix cannot be used', 'A prefix ends in "/".')
  }
  return `${normaliseStorageKey(prefix.slice(0, -1))}/`
}

const utf8 = new TextEncoder()
const bytesOf = (text: string) => utf8.encode(text).byteLength

function faultOf(key: string): string | null {
  if (key === '') return 'It is empty.'
  if (!key.isWellFormed()) return 'It is not well-formed Unicode.'
  if (key.startsWith('/')) return 'It is absolute.'
  if (forbiddenCharacters.test(key)) return 'It contains a control character or a backslash.'
  if (bytesOf(key) > keyBytesMax) return `It is longer than ${keyBytesMax} bytes.`
  for (const segment of key.split('/')) {
    if (segment === '') return 'It has an empty segment.'
    if (segment === '.' || segment === '..') return 'It has a segment that points elsewhere.'
    if (bytesOf(segment) > segmentBytesMax) return `It has a segment longer than ${segmentBytesMax} bytes.`
  }
  return null
}

const plainId = /^[A-Za-z0-9_-]{1,128}$/

function plain(id: string): string {
  if (plainId.test(id)) return id
  throw invalid(
    'invalid_storage_key',
    'An id cannot be part of a storage key',
    'Ids are letters, digits, "-" and "_".',
  )
}

export function s3DatasetKey(userId: string, datasetId: string): string {
  return `${plain(userId)}/datasets/${plain(datasetId)}.jsonl.gz`
}

export function supabaseDatasetKey(userId: string, datasetId: string): string {
  return `${plain(userId)}/private/${plain(datasetId)}.jsonl.gz`
}

export function localDatasetKey(userId: string, datasetId: string): string {
  return `${plain(userId)}/datasets/${plain(datasetId)}.jsonl.gz`
}

export function artifactKey(userId: string, jobId: string, artifactId: string): string {
  return `${plain(userId)}/artifacts/${plain(jobId)}/${plain(artifactId)}`
}

export function supabaseArtifactKey(userId: string, jobId: string, artifactId: string): string {
  return `${plain(userId)}/private/artifacts/${plain(jobId)}/${plain(artifactId)}`
}

/** The dataset that a key belongs to: the last segment without its suffixes. */
export function datasetIdOfKey(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  return plain(name.split('.', 1)[0] ?? '')
}
