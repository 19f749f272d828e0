import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** A request as it arrived, for suites that look at what a launcher sends. */
export interface SeenRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  /** Parsed JSON; undefined where there was none. */
  body: unknown
  /** As it came over the wire. */
  text: string
  at: number
}

/** What happens to a request instead of, or after, being carried out. */
export type ProviderFault =
  /** Not carried out: refused before anything was done. */
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Not carried out, and never answered. */
  | { kind: 'silence' }
  /** Not carried out: the connection breaks. */
  | { kind: 'hang-up' }
  /** Carried out; the answer is lost with the connection. */
  | { kind: 'lose-answer' }
  /** Carried out; no answer ever comes. */
  | { kind: 'carry-out-in-silence' }
  /** Carried out; something answers that is not the API. */
  | { kind: 'garbage' }
  /** Carried out; a failure is answered all the same. */
  | { kind: 'carry-out-and-fail'; status: number }
  /** Carried out, and answered late. */
  | { kind: 'slow'; milliseconds: number }

/** One request that is kept waiting, so that a suite can do something just then. */
export interface HeldRequest {
  /** Resolves when it has come, and, where it is held `after`, been carried out. */
  reached: Promise<SeenRequest>
  /** Lets it go on. Whether whoever asked is still there makes no difference to what is carried out. */
  release(): void
  /** It got lost on its way: it is never carried out, nor answered. One that is held `after` has been carried out. */
  drop(): void
}

/** Some requests of a provider: how their `METHOD /path` begins, or which of them. */
export type RequestsMeant = string | ((request: SeenRequest) => boolean)

interface Hold {
  matches(request: SeenRequest): boolean
  moment: 'before' | 'after'
  times: number
  reach(request: SeenRequest): void
  let: Promise<'go' | 'drop'>
}

export interface ProviderAnswer {
  status: number
  headers?: Record<string, string>
  body?: unknown
  /** Takes the connection over, for streams. */
  stream?: (response: ServerResponse) => void
}

export interface ProviderDouble {
  url: string
  readonly seen: SeenRequest[]
  /** The next so many of these requests meet the fault. */
  fail(requests: RequestsMeant, fault: ProviderFault, times?: number): void
  /** Keeps the next requests that match waiting, one where not told: before they are carried out, or answered. */
  hold(matches: (request: SeenRequest) => boolean, moment: 'before' | 'after', times?: number): HeldRequest
  close(): Promise<void>
}

const json = { 'content-type': 'application/json' }

/** An HTTP server that remembers what it was asked, and breaks what it is told to. */
export async function startProviderServer(
  answer: (request: SeenRequest) => ProviderAnswer | Promise<ProviderAnswer>,
  port = 0,
): Promise<ProviderDouble> {
  const seen: SeenRequest[] = []
  const faults: { requests: RequestsMeant; fault: ProviderFault; times: number }[] = []
  const holds: Hold[] = []
  const holdOf = (request: SeenRequest) => {
    const hold = holds.find(({ matches, times }) => times > 0 && matches(request))
    if (hold) hold.times--
    return hold ?? null
  }
  const faultOf = (request: SeenRequest) => {
    const planned = faults.find(({ requests, times }) => times > 0 && isMeant(requests, request))
    if (planned) planned.times--
    return planned?.fault ?? null
  }
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy())
  })
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.on('error', () => {})
    const request = await readRequest(incoming)
    seen.push(request)
    const fault = faultOf(request)
    const hold = holdOf(request)
    if (hold?.moment === 'before') {
      hold.reach(request)
      if ((await hold.let) === 'drop') return void incoming.socket.resetAndDestroy()
    }
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'hang-up') return void incoming.socket.resetAndDestroy()
    if (fault?.kind === 'answer')
      return send(outgoing, { status: fault.status, body: fault.body, headers: fault.headers })
    const answered = await answer(request)
    if (hold?.moment === 'after') {
      hold.reach(request)
      if ((await hold.let) === 'drop') return void incoming.socket.resetAndDestroy()
    }
    switch (fault?.kind) {
      case 'lose-answer':
        return void incoming.socket.resetAndDestroy()
      case 'carry-out-in-silence':
        return
      case 'garbage':
        return void outgoing
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<html>Bad gateway, <b>politely</b>')
      case 'carry-out-and-fail':
        return send(outgoing, { status: fault.status, body: 'The gateway lost its way.' })
      case 'slow':
        await wait(fault.milliseconds)
    }
    send(outgoing, answered)
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fail: (requests, fault, times = 1) => void faults.push({ requests, fault, times }),
    hold(matches, moment, times = 1) {
      const reached = Promise.withResolvers<SeenRequest>()
      const next = Promise.withResolvers<'go' | 'drop'>()
      const hold: Hold = { matches, moment, times, reach: reached.resolve, let: next.promise }
      const end = (what: 'go' | 'drop') => {
        hold.times = 0
        next.resolve(what)
      }
      holds.push(hold)
      return { reached: reached.promise, release: () => end('go'), drop: () => end('drop') }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const isMeant = (requests: RequestsMeant, request: SeenRequest) =>
  typeof requests === 'string' ? `${request.method} ${request.path}`.startsWith(requests) : requests(request)

function send(outgoing: ServerResponse, { status, headers, body, stream }: ProviderAnswer): void {
  const requestId = { 'x-request-id': crypto.randomUUID() }
  outgoing.writeHead(status, {
    ...requestId,
    ...(body === undefined || typeof body === 'string' ? {} : json),
    ...headers,
  })
  if (stream) stream(outgoing)
  else outgoing.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
}

async function readRequest(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  let body: unknown
  try {
    body = text === '' ? undefined : JSON.parse(text)
  } catch {
    body = undefined
  }
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers as Record<string, string>,
    body,
    text,
    at: Date.now(),
  }
}
