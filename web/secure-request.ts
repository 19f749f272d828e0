import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { clientAddressHeader } from '#lib/auth/attempt-limits.ts'
import { pagePathHeader } from '#lib/server/page-path-header.ts'
import { clientAddress } from './client-address.ts'

/**
 * Puts the headers on a response that every page needs, and on the request those that Next.js reads: it takes the nonce
 * of its scripts from the request's own Content-Security-Policy.
 */
export function secureRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { isDevelopment, trustProxy }: { isDevelopment: boolean; trustProxy: boolean },
): void {
  request.headers[clientAddressHeader] = clientAddress(request, { trustProxy })
  request.headers[pagePathHeader] = request.url ?? '/'
  const nonce = randomBytes(16).toString('base64')
  const policy = contentSecurityPolicy(nonce, isDevelopment)
  request.headers['x-nonce'] = nonce
  request.headers['content-security-policy'] = policy
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'same-origin')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=()')
}

function contentSecurityPolicy(nonce: string, isDevelopment: boolean): string {
  const scripts = [
    `'self'`,
    `'nonce-${nonce}'`,
    `'strict-dynamic'`,
    ...(isDevelopment ? [`'unsafe-eval'`] : []),
  ]
  return [
    `default-src 'self'`,
    `script-src ${scripts.join(' ')}`,
    // Charts and virtual lists place their parts by style attributes.
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
    `worker-src 'self' blob:`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
