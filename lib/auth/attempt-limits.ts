import type { Database } from '#lib/db/database.ts'
import { takeTurn } from '#lib/db/rate-limit.ts'

/** Set by the web server from the socket; whatever a client sends under this name is overwritten. */
export const clientAddressHeader = 'x-finetunelab-client-address'

/** What could be used to guess, and how often one address may do it in a minute. */
const attemptLimits = [
  { path: '/sign-in/email', max: 10 },
  { path: '/sign-up/email', max: 5 },
  { path: '/change-password', max: 10 },
]

/** Counts a request below /api/auth where it is such an attempt; rejects with `rate_limited` when there were too many. */
export async function countAttempt(db: Database, { url, headers }: Request): Promise<void> {
  const limited = attemptLimits.find(({ path }) => new URL(url).pathname.endsWith(path))
  if (!limited) return
  const of = headers.get(clientAddressHeader) ?? ''
  await takeTurn(db, { name: limited.path, of, max: limited.max, windowSeconds: 60 })
}
