import { connect } from 'node:net'

const boundary = 'raw-upload-boundary'

export interface RawUpload {
  fields?: Record<string, string>
  fileName?: string
  /** The bytes of the file, in as many pieces as they come. */
  file: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** What `content-length` claims; absent: chunked, without a length. */
  claimedBytes?: (trueBytes: number) => number
  /** Closes the connection after so many bytes of the file. */
  cutAfterBytes?: number
}

export interface RawAnswer {
  status: number
  body: { code?: string; error?: string; details?: unknown; [part: string]: unknown }
}

/**
 * Sends an upload over a bare socket, so that lengths can lie and bodies can end early. Answers null when the
 * connection ended without an answer.
 */
export async function rawUpload(url: string, token: string, upload: RawUpload): Promise<RawAnswer | null> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answer = readAnswer(socket)
  const { head, tail } = envelope(upload)
  const length = upload.claimedBytes && (await totalBytes(upload, head, tail))
  socket.write(
    [
      'POST /api/training/dataset HTTP/1.1',
      `host: ${host}`,
      `authorization: Bearer ${token}`,
      `content-type: multipart/form-data; boundary=${boundary}`,
      'connection: close',
      length === undefined ? 'transfer-encoding: chunked' : `content-length: ${upload.claimedBytes!(length)}`,
      '\r\n',
    ].join('\r\n'),
  )
  const isChunked = length === undefined
  await send(socket, head, isChunked)
  let sent = 0
  for await (const chunk of upload.file) {
    if (socket.destroyed || !socket.writable) break
    await send(socket, chunk, isChunked)
    sent += chunk.byteLength
    if (upload.cutAfterBytes !== undefined && sent >= upload.cutAfterBytes) {
      socket.destroy()
      return answer
    }
  }
  await send(socket, tail, isChunked)
  if (isChunked && socket.writable) socket.write('0\r\n\r\n')
  return answer
}

function envelope({ fields = {}, fileName = 'rows.jsonl' }: RawUpload): { head: Buffer; tail: Buffer } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\ncontent-type: application/octet-stream\r\n\r\n`
  return { head: Buffer.from(parts.join('') + file), tail: Buffer.from(`\r\n--${boundary}--\r\n`) }
}

async function totalBytes({ file }: RawUpload, head: Buffer, tail: Buffer): Promise<number> {
  let bytes = head.byteLength + tail.byteLength
  for await (const chunk of file) bytes += chunk.byteLength
  return bytes
}

function send(socket: ReturnType<typeof connect>, bytes: Uint8Array, isChunked: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || !socket.writable) return resolve()
    if (isChunked) socket.write(`${bytes.byteLength.toString(16)}\r\n`)
    const done = () => {
      socket.off('close', done)
      resolve()
    }
    socket.once('close', done)
    socket.write(bytes, done)
    if (isChunked) socket.write('\r\n')
  })
}

function readAnswer(socket: ReturnType<typeof connect>): Promise<RawAnswer | null> {
  return new Promise((resolve) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    // A server that has answered may close while we still send: what it said counts, the reset does not.
    socket.on('error', () => {})
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
      const json = /\{.*\}/s.exec(text.slice(text.indexOf('\r\n\r\n')))?.[0]
      resolve(status && json ? { status, body: JSON.parse(json) as RawAnswer['body'] } : null)
    })
  })
}
