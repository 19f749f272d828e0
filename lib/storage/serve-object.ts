import { Readable } from 'node:stream'
import { AppError } from '#lib/errors/app-error.ts'
import type { StorageService } from './storage-service.ts'

export interface ServedObject {
  key: string
  sizeBytes: number
  sha256: string
  contentType: string
  /** What a browser should call the file. */
  fileName: string
}

/** An object's bytes, or the one range of them that is asked for (RFC 9110, section 14). The caller has judged who may. */
export async function serveObject(
  store: StorageService,
  { key, sizeBytes, sha256, contentType, fileName }: ServedObject,
  { rangeHeader, signal }: { rangeHeader: string | null; signal: AbortSignal },
): Promise<Response> {
  const range = parseRange(rangeHeader, sizeBytes)
  // An empty object has no range at all.
  const bytes = sizeBytes === 0 ? [] : await store.getRange(key, range ?? { start: 0 }, { signal })
  return new Response(Readable.toWeb(Readable.from(bytes)) as unknown as BodyInit, {
    status: range ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-type': contentType,
      'content-disposition': disposition(fileName),
      'content-length': String(range ? range.end - range.start + 1 : sizeBytes),
      etag: `"${sha256}"`,
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` } : {}),
    },
  })
}

/** One range or none; what is no range is ignored, as the RFC has it, and what lies beyond the end is refused. */
function parseRange(header: string | null, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  const [first, last] = [match[1]!, match[2]!]
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start <= end) return { start, end }
  throw new AppError('invalid', {
    code: 'range_not_satisfiable',
    message: 'The range lies beyond the end',
    details: `The object has ${size} bytes.`,
  })
}

function disposition(name: string): string {
  const ascii = name.replace(/[^\w .+-]+/g, '_').slice(0, 110)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeByte)}`
}

const escapeByte = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
