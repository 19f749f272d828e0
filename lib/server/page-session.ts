import { headers } from 'next/headers'
import { type Session, sessionSchema } from '#lib/auth/account.types.ts'
import { pagePathHeader } from './page-path-header.ts'
import { runtimeHandle } from './runtime-handle.ts'

/** Who asks for this page. */
export async function readPageSession(): Promise<Session> {
  const request = new Request('http://page/api/session', { headers: await headers() })
  const answer = await runtimeHandle().dispatch('/api/session', request, {})
  return sessionSchema.parse(await answer.json())
}

/** Where a stranger signs in to come back to this page. */
export async function signInPath(): Promise<string> {
  const asked = new URL((await headers()).get(pagePathHeader) ?? '/', 'http://page')
  asked.searchParams.delete('_rsc')
  return `/login?next=${encodeURIComponent(asked.pathname + asked.search)}`
}
