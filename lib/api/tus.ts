/** The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), read and written. */
import { AppError, invalid } from '#lib/errors/app-error.ts'
import { type UploadFields, uploadFieldsSchema } from '#lib/training/dataset.types.ts'
import { invalidFields } from './invalid-fields.ts'

const version = '1.0.0'
export const tusPath = '/api/training/upload/tus'
export const offsetStream = 'application/offset+octet-stream'

export const tusHeaders = { 'tus-resumable': version, 'cache-control': 'no-store' } as const

/**
 * Of a refusal. The connection ends with it: whoever is in the middle of sending gigabytes stops, and finds out by HEAD why.
 */
export const tusErrorHeaders = {
  'tus-resumable': version,
  'tus-version': version,
  connection: 'close',
} as const

/** What this server can do; answered to anybody who asks. */
export const tusCapabilities = {
  ...tusHeaders,
  'tus-version': version,
  'tus-extension': 'creation,creation-with-upload,termination,expiration',
}

export interface StandingHeaders {
  offset: number
  sizeBytes: number
  expiresAt: Date | string
}

export const standingHeaders = ({ offset, sizeBytes, expiresAt }: StandingHeaders) => ({
  ...tusHeaders,
  'upload-offset': String(offset),
  'upload-length': String(sizeBytes),
  'upload-expires': new Date(expiresAt).toUTCString(),
})

export function requireTus(headers: Headers): void {
  if (headers.get('tus-resumable') === version) return
  throw new AppError('invalid', {
    code: 'tus_version',
    message: 'This address speaks tus 1.0.0',
    details: 'Send the header Tus-Resumable: 1.0.0, as every tus client does.',
  })
}

export function requireOffsetStream(headers: Headers): void {
  if (headers.get('content-type')?.split(';')[0]?.trim() === offsetStream) return
  throw new AppError('invalid', {
    code: 'unsupported_media_type',
    message: 'Send the bytes as they are',
    details: `The content type has to be ${offsetStream}.`,
  })
}

/** A header that is a whole number of bytes. */
export function byteHeader(headers: Headers, name: string): number {
  const text = headers.get(name) ?? ''
  const bytes = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isNaN(bytes)) return bytes
  throw invalid('invalid_header', `The header ${name} is missing or no number`, 'It is a number of bytes.')
}

/** The fields of an upload, and what the client knows its file by, from `Upload-Metadata`. */
export function uploadMetadata(headers: Headers): {
  fields: UploadFields
  fileName: string | null
  fingerprint: string | null
} {
  const { filename = null, fingerprint = null, ...given } = decoded(headers.get('upload-metadata') ?? '')
  const parsed = uploadFieldsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
  )
  if (!parsed.success) throw invalidFields(parsed.error, 'metadata')
  return {
    fields: parsed.data,
    fileName: storable(filename)?.slice(0, 500) || null,
    fingerprint: storable(fingerprint)?.slice(0, 200) || null,
  }
}

/** The database takes no NUL, and nobody misses it. */
const storable = (text: string | null) => text?.replaceAll('\0', '')

function decoded(header: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const pair of header.split(',')) {
    const [name, value = ''] = pair.trim().split(' ')
    if (!name) continue
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw invalid('invalid_header', 'The header Upload-Metadata is not right', `"${name}" is no base64.`)
    values[name] = Buffer.from(value, 'base64').toString('utf8')
  }
  return values
}
