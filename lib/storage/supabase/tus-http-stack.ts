import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client'

/** What the socket gets at once: a whole chunk would lie in the server's buffers and grow cold before it is read. */
const pieceBytes = 64 * 1024

/** Silence on a socket after which a request counts as failed. */
const idleMilliseconds = 60_000

/**
 * tus-js-client's own stack waits for ever on a silent server and on an answer that breaks off. This one does not.
 */
export const tusHttpStack: HttpStack = {
  createRequest: (method, url) => new TusRequest(method, url),
  getName: () => 'finetunelab',
}

class TusRequest implements HttpRequest {
  readonly #method: string
  readonly #url: string
  readonly #headers: Record<string, string> = {}
  #request: ClientRequest | null = null
  #aborted = false

  constructor(method: string, url: string) {
    this.#method = method
    this.#url = url
  }

  getMethod = () => this.#method
  getURL = () => this.#url
  getHeader = (name: string) => this.#headers[name]
  getUnderlyingObject = () => this.#request
  setProgressHandler(): void {}

  setHeader(name: string, value: string): void {
    this.#headers[name] = value
  }

  async send(body: Uint8Array | null): Promise<HttpResponse> {
    if (this.#aborted) throw new Error('The request was aborted')
    const open = this.#url.startsWith('https:') ? httpsRequest : httpRequest
    const length = body?.byteLength ? { 'Content-Length': body.byteLength } : {}
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = open(this.#url, { method: this.#method, headers: { ...this.#headers, ...length } })
      this.#request = request
      request.setTimeout(idleMilliseconds, () => request.destroy(silence()))
      request.on('response', resolve).on('error', reject)
      if (body) Readable.from(piecesOf(body)).pipe(request)
      else request.end()
    })
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk)
    return new TusResponse(answer, Buffer.concat(chunks).toString())
  }

  async abort(): Promise<void> {
    this.#aborted = true
    this.#request?.destroy()
  }
}

class TusResponse implements HttpResponse {
  readonly #answer: IncomingMessage
  readonly #body: string

  constructor(answer: IncomingMessage, body: string) {
    this.#answer = answer
    this.#body = body
  }

  getStatus = () => this.#answer.statusCode ?? 0
  getBody = () => this.#body
  getUnderlyingObject = () => this.#answer
  // The type leaves no room for a header that is absent; the library checks for it all the same.
  getHeader = (name: string) => this.#answer.headers[name.toLowerCase()] as string
}

function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += pieceBytes) yield body.subarray(at, at + pieceBytes)
}

function silence(): Error {
  return Object.assign(new Error('The server stopped answering'), { code: 'ETIMEDOUT' })
}
