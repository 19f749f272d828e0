import type { IncomingMessage, ServerResponse } from 'node:http'

export interface GatewayKeys {
  /** JWTs, which services check themselves. */
  anonKey: string
  serviceRoleKey: string
  /** Opaque; the gateway exchanges them for the two above. */
  publishableKey: string
  secretKey: string
}

const openPaths = ['/auth/v1/.well-known/', '/auth/v1/verify']

/**
 * What stands before the services of a hosted project. It asks for an API key, and where an opaque one comes alone (or
 * twice, as the client libraries send it), it puts the role that the key stands for beside it. Answers whether the
 * request may pass.
 */
export function passGateway(request: IncomingMessage, response: ServerResponse, keys: GatewayKeys): boolean {
  const { headers, url = '/' } = request
  const apiKey = headers.apikey
  if (headers.authorization === undefined || headers.authorization === `Bearer ${apiKey}`) {
    if (apiKey === keys.secretKey) headers.authorization = `Bearer ${keys.serviceRoleKey}`
    if (apiKey === keys.publishableKey) headers.authorization = `Bearer ${keys.anonKey}`
  }
  if (!url.startsWith('/auth/v1/') || openPaths.some((path) => url.startsWith(path))) return true
  if (typeof apiKey === 'string' && Object.values(keys).includes(apiKey)) return true
  const body = apiKey
    ? { message: 'Invalid API key', hint: 'Double check your Supabase `anon` or `service_role` API key.' }
    : {
        message: 'No API key found in request',
        hint: 'No `apikey` request header or url param was found.',
      }
  response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  request.resume()
  return false
}
