import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Transform } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

/** What happens to one request on its way. */
export type Fault =
  | { kind: 'answer'; status: number; body?: string; headers?: Record<string, string> }
  /** The connection breaks after so many bytes of the request's body. */
  | { kind: 'reset-request'; afterBytes: number }
  /** The connection breaks after so many bytes of the answer's body. */
  | { kind: 'reset-response'; afterBytes: number }
  /** The request arrives nowhere, and nobody ever answers. */
  | { kind: 'silence' }
  /** The request arrives, is carried out, and its answer is lost. */
  | { kind: 'lose-answer' }
  /** Every chunk of the request's body takes this long. */
  | { kind: 'slow'; millisecondsPerChunk: number }

export interface FaultProxy {
  /** Address to use in place of the target's, with the target's path. */
  url: string
  /** Decides about each request; `null` lets it pass. Replaced at will between requests. */
  decide: (request: IncomingMessage) => Fault | null
  /** Requests seen since the start, as `METHOD path`. */
  readonly seen: string[]
  close(): Promise<void>
}

/** Why faults cannot be put in front of an address, or null. Signatures and certificates cover the host's name. */
export function unproxied(address: string): string | null {
  const { protocol, hostname } = new URL(address)
  if (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return null
  return 'faults can be put in front of plain http servers on loopback only'
}

/** Stands between a client and a real server, passes everything on as it came (Host too), and breaks what it is told to. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target)
  const seen: string[] = []
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    incoming.on('error', () => {})
    pass(upstream, incoming, outgoing, proxy.decide(incoming))
  })
  // A client that asks first (Expect: 100-continue) is told to go on; faults hit the body.
  server.on('checkContinue', (incoming, outgoing) => {
    outgoing.writeContinue()
    server.emit('request', incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}${upstream.pathname.replace(/\/$/, '')}`,
    decide: () => null,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function pass(upstream: URL, incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null): void {
  if (fault?.kind === 'silence') {
    incoming.resume()
    return
  }
  if (fault?.kind === 'answer') {
    incoming.resume()
    incoming.on('end', () => outgoing.writeHead(fault.status, fault.headers).end(fault.body ?? ''))
    return
  }
  const onward = request({
    host: upstream.hostname,
    port: upstream.port,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.rawHeaders.filter((_, at, all) => !/^expect$/i.test(all[at - (at % 2)]!)),
  })
  const breakOff = () => {
    onward.destroy()
    incoming.socket.resetAndDestroy()
  }
  let answered = false
  onward.on('error', () => {
    // What comes after an answer, such as the body that Swift sends to a HEAD, is none of the client's business.
    if (!answered) incoming.socket.destroy()
  })
  onward.on('response', (answer) => {
    answered = true
    if (fault?.kind === 'lose-answer') {
      answer.resume()
      answer.on('end', breakOff)
      return
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    const body = fault?.kind === 'reset-response' ? cutAfter(fault.afterBytes, breakOff) : passing()
    pipeline(answer, body, outgoing, () => {})
  })
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) onward.destroy()
  })
  const body =
    fault?.kind === 'reset-request'
      ? cutAfter(fault.afterBytes, breakOff)
      : fault?.kind === 'slow'
        ? slowed(fault.millisecondsPerChunk)
        : passing()
  pipeline(incoming, body, onward, () => {})
}

function passing(): Transform {
  return new Transform({ transform: (chunk, _, done) => done(null, chunk) })
}

function slowed(milliseconds: number): Transform {
  return new Transform({
    transform(chunk, _, done) {
      wait(milliseconds).then(() => done(null, chunk))
    },
  })
}

function cutAfter(bytes: number, cut: () => void): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const rest = bytes - passed
      passed += chunk.byteLength
      if (passed <= bytes && bytes > 0) return done(null, chunk)
      this.push(chunk.subarray(0, rest))
      // Let what was pushed leave before the socket goes.
      setImmediate(cut)
    },
    flush(done) {
      if (bytes === 0 || passed <= bytes) setImmediate(cut)
      done()
    },
  })
}
