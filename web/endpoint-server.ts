import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { dispatch, dispatchAccounts } from '#lib/api/dispatch.ts'
import { matchEndpoint } from '#lib/api/match-endpoint.ts'
import { clientAddressHeader } from '#lib/auth/attempt-limits.ts'
import { errorBodyOf } from '#lib/errors/error-codes.ts'
import type { Services } from '#lib/services.ts'
import { answerClientErrors } from './answer-client-error.ts'
import { clientAddress } from './client-address.ts'
import { renewSession } from './renew-session.ts'

/** The endpoint table over HTTP, without the pages: enough for the demo, the benchmarks and the tests. */
export async function serveEndpoints(
  services: () => Services,
  port = 0,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(services(), request, response).catch((error) => response.destroy(error))
  })
  server.requestTimeout = 0
  answerClientErrors(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  services: Services,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  await renewSession(services.identity, incoming, outgoing)
  const address = clientAddress(incoming, { trustProxy: services.settings.TRUST_PROXY })
  const request = webRequest(incoming, address, gone.signal)
  const { pathname } = new URL(request.url)
  const response = await answerTo(services, request, pathname)
  for (const line of response.headers.getSetCookie()) outgoing.appendHeader('set-cookie', line)
  outgoing.writeHead(response.status, headersOf(response))
  if (!response.body) return void outgoing.end()
  const body = Readable.fromWeb(response.body as never)
  body.on('error', () => outgoing.destroy())
  outgoing.once('close', () => body.destroy())
  body.pipe(outgoing)
}

async function answerTo(services: Services, request: Request, pathname: string): Promise<Response> {
  if (pathname.startsWith('/api/auth/')) return dispatchAccounts(services, request)
  try {
    const { endpoint, params } = matchEndpoint(request.method, pathname)
    return await dispatch(services, endpoint, request, params)
  } catch (error) {
    const { status, body } = errorBodyOf(error, crypto.randomUUID())
    return Response.json(body, { status })
  }
}

/** All but cookies, of which there may be several. */
function headersOf(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
}

function webRequest(incoming: IncomingMessage, address: string, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, [value].flat().join(', '))
  headers.set(clientAddressHeader, address)
  const method = incoming.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as never, duplex: 'half' } : {}),
  } as RequestInit)
}
