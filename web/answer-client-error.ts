import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

const sentences: Record<string, { status: string; code: string; error: string; details: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'headers_too_large',
    error: 'The headers of the request are too large',
    details: 'Send less in cookies and headers.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    error: 'The headers of the request took too long',
    details: 'Try again.',
  },
}
const malformed = {
  status: '400 Bad Request',
  code: 'invalid_http',
  error: 'The request is not valid HTTP',
  details: 'Check that content-length is the length of the body: more was sent than it says.',
}

/** What cannot be read as a request is answered in the words of the contract too, and the connection ends. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (failure: NodeJS.ErrnoException, socket: Duplex) => {
    if (failure.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const { status, ...said } = sentences[failure.code ?? ''] ?? malformed
    const body = JSON.stringify({ ...said, request_id: crypto.randomUUID() })
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
}
