import { describe, expect, test } from 'vitest'
import { receiveUpload } from './receive-upload.ts'

const boundary = 'test-boundary'
const field = (name: string, value: string): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const fileHead = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="rows.jsonl"\r\n\r\n`
const end = `\r\n--${boundary}--\r\n`

/** A form that comes in these pieces; `breaks` ends it with an error instead of its end. */
function form(pieces: Iterable<string | Uint8Array>, breaks = false): Request {
  const iterator = pieces[Symbol.iterator]()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = iterator.next()
      if (!done) controller.enqueue(typeof value === 'string' ? Buffer.from(value) : value)
      else if (breaks) controller.error(new Error('the connection broke'))
      else controller.close()
    },
  })
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const init = { method: 'POST', headers, body, duplex: 'half' }
  return new Request('http://127.0.0.1/api/training/dataset', init as RequestInit)
}

async function bytesOf(file: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of file) bytes += chunk.length
  return bytes
}

function* megabytes(count: number): Generator<Uint8Array> {
  for (let at = 0; at < count * 16; at++) yield new Uint8Array(1 << 16).fill(0x61)
}

describe('a form with a file', () => {
  test('a small one may have its fields on both sides of the file', async () => {
    const pieces = [
      field('name', 'before'),
      fileHead,
      '{"text":',
      '"a"}',
      `\r\n${field('format', 'raw_text')}`,
      end.slice(2),
    ]
    const { fields, fileName, file } = await receiveUpload(form(pieces))
    expect(fields).toMatchObject({ name: 'before', format: 'raw_text' })
    expect(fileName).toBe('rows.jsonl')
    expect(await bytesOf(file)).toBe(12)
  })

  test('a large one is handed on before it is whole', async () => {
    const { file } = await receiveUpload(form([fileHead, ...megabytes(12), end]))
    expect(await bytesOf(file)).toBe(12 << 20)
  })

  test('a field that decides, behind a large file, is refused', async () => {
    const late = `\r\n${field('format', 'raw_text')}`
    const { file } = await receiveUpload(form([fileHead, ...megabytes(12), late, end.slice(2)]))
    await expect(bytesOf(file)).rejects.toMatchObject({ code: 'field_after_file' })
  })
})

describe('a form that breaks off', () => {
  test('at once, in the file, or far in it, is an upload that was cut off', async () => {
    await expect(receiveUpload(form([field('name', 'a')], true))).rejects.toMatchObject({
      code: 'upload_cut_off',
    })
    const early = receiveUpload(form([fileHead, 'half a r'], true))
    await expect(early).rejects.toMatchObject({ code: 'upload_cut_off' })
    const { file } = await receiveUpload(form([fileHead, ...megabytes(12)], true))
    await expect(bytesOf(file)).rejects.toMatchObject({ code: 'upload_cut_off' })
  })

  test('a form without a file says so', async () => {
    const without = receiveUpload(form([field('name', 'a'), end.slice(2)]))
    await expect(without).rejects.toMatchObject({ code: 'file_missing' })
  })
})
