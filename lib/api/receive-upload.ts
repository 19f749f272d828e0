/**
 * Reads a multipart form whose one file is streamed. Fields that decide how the file is treated may come before or, as
 * many clients send them, behind it: a small file is therefore held until the form is whole. Of a file
 * that does not fit the buffer, only what came before it counts, and such a field behind it is refused.
 */

import { PassThrough, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { AppError, aborted, invalid } from '#lib/errors/app-error.ts'
import { Interruption } from '#lib/streams/interruption.ts'
import { type UploadFields, uploadFieldsSchema } from '#lib/training/dataset.types.ts'
import { invalidFields } from './invalid-fields.ts'

const heldBytesMax = 8 * 1024 * 1024
const fieldBytesMax = 64 * 1024
/** Decide what happens to the bytes, so they have to be known before the first is used. */
const decidingFields = [
  'format',
  'storage_provider',
  'on_error',
  'on_secret',
  'split',
  'context_length',
] as const

export interface ReceivedUpload {
  fields: UploadFields
  fileName: string | null
  file: AsyncIterable<Uint8Array>
}

export async function receiveUpload(request: Request): Promise<ReceivedUpload> {
  const contentType = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\b.*boundary=/i.test(contentType) || !request.body) {
    throw new AppError('invalid', {
      code: 'unsupported_media_type',
      message: 'Send the file as a form',
      details: 'Use multipart/form-data with a field "file", as `curl -F file=@data.jsonl` does.',
    })
  }
  const form = new MultipartForm(contentType)
  const source = Readable.fromWeb(request.body as unknown as NodeReadableStream)
  source.on('error', (error) =>
    form.fail(aborted('upload_cut_off', 'The upload was cut off', undefined, error)),
  )
  source.pipe(form.parser)

  const given = { ...Object.fromEntries(new URL(request.url).searchParams) }
  const { name: fileName, stream } = await form.file
  // What was sent first is judged first: an unknown store is refused before a byte of the file is read.
  parseFields({ ...given, ...form.fields })

  const held = await holdStart(stream, form)
  const early = { ...form.fields }
  const fields = parseFields({ ...given, ...early })
  return { fields, fileName, file: wholeFile(held, stream, form, early) }
}

function parseFields(given: Record<string, string>): UploadFields {
  const parsed = uploadFieldsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
  )
  if (parsed.success) return parsed.data
  throw invalidFields(parsed.error, 'form')
}

/** Reads until the form is whole or the buffer is full. */
async function holdStart(stream: Readable, form: MultipartForm): Promise<Uint8Array[]> {
  const held: Uint8Array[] = []
  let bytes = 0
  const iterator = stream[Symbol.asyncIterator]()
  while (bytes < heldBytesMax) {
    const next = await form.trouble.wait(iterator.next())
    if (next.done) {
      await form.trouble.wait(form.finished)
      break
    }
    held.push(next.value)
    bytes += next.value.byteLength
  }
  return held
}

async function* wholeFile(
  held: Uint8Array[],
  stream: Readable,
  form: MultipartForm,
  early: Record<string, string>,
) {
  yield* held
  held.length = 0
  const iterator = stream[Symbol.asyncIterator]()
  for (;;) {
    const next = stream.readableEnded ? { done: true as const } : await form.trouble.wait(iterator.next())
    if (next.done) break
    yield next.value as Uint8Array
  }
  await form.trouble.wait(form.finished)
  for (const field of decidingFields) {
    if (form.fields[field] !== early[field]) {
      throw invalid(
        'field_after_file',
        `The field "${field}" came behind the file`,
        'Send it before the file: of a large file nothing is held back.',
      )
    }
  }
}

class MultipartForm {
  readonly parser: InstanceType<typeof Busboy>
  readonly fields: Record<string, string> = Object.create(null)
  readonly file: Promise<{ name: string | null; stream: Readable }>
  readonly finished: Promise<void>
  /** Whatever is waited for of the form ends when the form turns out to be broken. */
  readonly trouble = new Interruption()
  readonly #failFile: (error: unknown) => void

  constructor(contentType: string) {
    const file = Promise.withResolvers<{ name: string | null; stream: Readable }>()
    const finished = Promise.withResolvers<void>()
    let fileSeen = false
    file.promise.catch(() => {})
    this.file = file.promise
    this.finished = finished.promise
    this.#failFile = file.reject

    const headers = { 'content-type': contentType } as BusboyHeaders
    this.parser = new Busboy({
      headers,
      limits: { files: 1, fields: 20, fieldSize: fieldBytesMax, headerPairs: 50 },
    })
    this.parser.on('field', (name, value) => {
      this.fields[name] = value
    })
    this.parser.on('file', (name, stream, fileName) => {
      if (name !== 'file') {
        stream.resume()
        this.fail(
          invalid('unexpected_file', `The form has a file in "${name}"`, 'Send it in the field "file".'),
        )
        return
      }
      fileSeen = true
      const passing = new PassThrough({ highWaterMark: 1024 * 1024 })
      stream.on('error', (error) => passing.destroy(error))
      file.resolve({ name: fileName || null, stream: stream.pipe(passing) })
    })
    this.parser.on('filesLimit', () =>
      this.fail(invalid('too_many_files', 'The form has several files', 'Upload one at a time.')),
    )
    this.parser.on('finish', () => {
      finished.resolve()
      if (!fileSeen)
        this.fail(invalid('file_missing', 'The form has no file', 'Send it in the field "file".'))
    })
    this.parser.on('error', (error) =>
      this.fail(
        aborted('upload_cut_off', 'The upload was cut off', 'The form ended before it was whole.', error),
      ),
    )
  }

  fail(error: unknown): void {
    this.#failFile(error)
    this.trouble.interrupt(error)
  }
}
