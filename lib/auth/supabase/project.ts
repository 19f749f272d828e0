import { createClient } from '@supabase/supabase-js'

/** A Supabase project, as the settings name it. */
export interface SupabaseProject {
  /** Address without `/auth/v1`. */
  url: string
  anonKey: string
  serviceRoleKey: string
}

export type AuthClient = ReturnType<typeof authClient>

const answerMilliseconds = 10_000

/**
 * A client of the project's Auth server that remembers at most one session, for as long as it is used: each operation
 * makes its own, so that no request ever acts with another's.
 */
export function authClient(url: string, key: string) {
  const { auth } = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, flowType: 'pkce' },
    global: {
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(answerMilliseconds) }),
    },
  })
  return auth
}
