/** The headers of an artifact's PUT (docs/guides/runner-protocol.md), read. */
import { invalid } from '#lib/errors/app-error.ts'

export interface ArtifactHeaders {
  sha256: string
  /** Of the whole file. */
  sizeBytes: number
  /** Where in the file the body begins. */
  start: number
}

export function artifactHeaders(headers: Headers): ArtifactHeaders {
  const sha256 = headers.get('x-content-sha256')?.trim().toLowerCase() ?? ''
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw invalid(
      'artifact_hash_missing',
      'The hash of the artifact is missing',
      'Send X-Content-SHA256 with the SHA-256 of the whole file in hex.',
    )
  const length = headers.get('content-length') ?? ''
  if (!/^\d{1,15}$/.test(length))
    throw invalid('length_required', 'The length of the body is missing', 'Send Content-Length.')
  return { sha256, ...placeOf(headers.get('content-range'), Number(length)) }
}

/** Absent: the body is the whole file. Else it is all of the file from some byte on. */
function placeOf(contentRange: string | null, bodyBytes: number): { start: number; sizeBytes: number } {
  if (contentRange === null) return { start: 0, sizeBytes: bodyBytes }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(contentRange.trim())
  const [start = 0, end = 0, sizeBytes = 0] = match?.slice(1).map(Number) ?? []
  if (match && end === sizeBytes - 1 && start <= sizeBytes && end - start + 1 === bodyBytes)
    return { start, sizeBytes }
  throw invalid(
    'invalid_content_range',
    'The Content-Range does not fit the body',
    'Send "bytes <first>-<last>/<size>", up to the last byte of the file, with the Content-Length of that part.',
  )
}
