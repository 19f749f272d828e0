import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Identity } from '#lib/auth/identity.ts'

/**
 * Renews a session whose time is nearly over before anything looks at the request: pages cannot set cookies while they
 * are made, and of the requests that a page makes at once none may see the old tokens.
 */
export async function renewSession(
  identity: Identity,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { cookie } = request.headers
  if (!cookie || isAsset(request.url ?? '/')) return
  const renewed = await identity.renewSession(new Headers({ cookie }))
  if (!renewed) return
  request.headers.cookie = renewed.cookie
  for (const line of renewed.setCookies) response.appendHeader('set-cookie', line)
}

/** Files that are the same for everybody: whatever caches lie between would keep one person's cookies for all. */
function isAsset(url: string): boolean {
  const path = url.split('?', 1)[0]!
  return path.startsWith('/_next/') || (!path.startsWith('/api/') && /\.\w+$/.test(path))
}
