import { denied } from '#lib/errors/app-error.ts'

/** The origins that mean "this same site" to a request: its own host, over either scheme. */
export function ownOrigins(headers: Headers): string[] {
  const host = headers.get('host')
  return host ? [`http://${host}`, `https://${host}`] : []
}

/** A browser sends a request, and the cookie with it, whoever asked for it; the origin says who did. */
export function requireSameOrigin({ method, headers }: Request): void {
  if (method === 'GET' || method === 'HEAD') return
  const origin = headers.get('origin')
  const sameSite = headers.get('sec-fetch-site')
  if (origin ? ownOrigins(headers).includes(origin) : sameSite === null || sameSite === 'same-origin') return
  throw denied(
    'cross_origin',
    'This request came from another site',
    'Open FineTune Lab itself, or use an API token.',
  )
}
