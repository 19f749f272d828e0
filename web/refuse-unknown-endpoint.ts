import type { IncomingMessage, ServerResponse } from 'node:http'
import { matchEndpoint } from '#lib/api/match-endpoint.ts'
import { errorBodyOf } from '#lib/errors/error-codes.ts'

/** Answers what is below /api and not in the table, in the words of the contract; tells whether it did. */
export function refuseUnknownEndpoint(request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (!pathname.startsWith('/api/') || pathname.startsWith('/api/auth/')) return false
  try {
    matchEndpoint(request.method ?? 'GET', pathname)
    return false
  } catch (error) {
    const requestId = crypto.randomUUID()
    const { status, body } = errorBodyOf(error, requestId)
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': requestId })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body))
    return true
  }
}
