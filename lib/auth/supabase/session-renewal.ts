import { createHash } from 'node:crypto'
import { authError, authUnreachable } from './auth-errors.ts'
import { authClient, type SupabaseProject } from './project.ts'
import type { SupabaseSession } from './session-cookie.ts'
import { createShortMemory } from './short-memory.ts'

/** A session in the place of the one that this refresh token belongs to. */
export type RenewTokens = (refreshToken: string) => Promise<SupabaseSession>

/** How long a page may be kept waiting; what arrives later serves the next request. */
const waitMilliseconds = 8000

/**
 * Exchanges refresh tokens. Each is good once, and a page asks for many things at once: those that come with the same
 * one, at the same time or a moment later, get the same answer. Another process would be given the tokens that are
 * valid now, for as long as Supabase lets a token be used again (10 s).
 */
export function createTokenRenewal(project: SupabaseProject): RenewTokens {
  const renewals = createShortMemory<Promise<SupabaseSession>>({ milliseconds: 30_000, max: 1000 })

  return (refreshToken) => {
    const id = createHash('sha256').update(refreshToken).digest('base64')
    const known = renewals.recall(id)
    if (known) return inTime(known)
    const renewal = renew(project, refreshToken)
    renewals.keep(id, renewal)
    renewal.catch(() => renewals.forget(id))
    return inTime(renewal)
  }
}

async function renew({ url, anonKey }: SupabaseProject, refreshToken: string): Promise<SupabaseSession> {
  const { data, error } = await authClient(url, anonKey).refreshSession({ refresh_token: refreshToken })
  if (error || !data.session) throw authError(error)
  const { access_token, refresh_token, expires_at = 0 } = data.session
  return { access_token, refresh_token, expires_at }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(authUnreachable('no answer in time')), waitMilliseconds)
  work.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}
