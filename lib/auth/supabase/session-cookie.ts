import {
  combineChunks,
  createChunks,
  isChunkLike,
  parseCookieHeader,
  serializeCookieHeader,
  stringFromBase64URL,
  stringToBase64URL,
} from '@supabase/ssr'
import { z } from 'zod'

const sessionSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  /** Seconds since 1970. */
  expires_at: z.number(),
})

/** The tokens of a session, under the names that Supabase gives them. */
export type SupabaseSession = z.infer<typeof sessionSchema>

export interface SessionCookie {
  /** What a request's `Cookie` header holds, if anything that can be read. */
  read(header: string | null): Promise<SupabaseSession | null>
  /** `Set-Cookie` lines that put a session, or null for none, in the place of what the request came with. */
  write(header: string | null, session: SupabaseSession | null): string[]
}

/** Refreshing starts it anew, so only sessions that nobody uses end. */
const maxAgeSeconds = 30 * 86_400

/**
 * Keeps a session in a cookie that no script can read; in several where it is too large for one, as `@supabase/ssr`
 * does it. On https the browser holds it to this very host.
 */
export function createSessionCookie({ isHttps }: { isHttps: boolean }): SessionCookie {
  const cookieName = isHttps ? '__Host-finetunelab-session' : 'finetunelab-session'
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure: isHttps } as const

  return {
    async read(header) {
      const cookies = new Map(parseCookieHeader(header ?? '').map(({ name, value }) => [name, value]))
      const text = await combineChunks(cookieName, (name) => cookies.get(name) ?? null)
      return text ? decode(text) : null
    },
    write(header, session) {
      const chunks = session ? createChunks(cookieName, encode(session)) : []
      const set = chunks.map(({ name, value }) =>
        serializeCookieHeader(name, value, { ...options, maxAge: maxAgeSeconds }),
      )
      const stale = parseCookieHeader(header ?? '').filter(
        ({ name }) => isChunkLike(name, cookieName) && !chunks.some((chunk) => chunk.name === name),
      )
      return [...set, ...stale.map(({ name }) => serializeCookieHeader(name, '', { ...options, maxAge: 0 }))]
    },
  }
}

function encode({ access_token, refresh_token, expires_at }: SupabaseSession): string {
  return stringToBase64URL(JSON.stringify({ access_token, refresh_token, expires_at }))
}

/** Whatever a browser sends may be anything: what is no session is none. */
function decode(text: string): SupabaseSession | null {
  try {
    return sessionSchema.safeParse(JSON.parse(stringFromBase64URL(text))).data ?? null
  } catch {
    return null
  }
}

/** A `Cookie` header as the browser would send it after these `Set-Cookie` lines. */
export function cookiesAfter(header: string | null, setCookies: readonly string[]): string {
  const pairs = new Map(
    (header ?? '').split(/; */).map((pair) => [pair.split('=', 1)[0] ?? '', pair] as const),
  )
  for (const line of setCookies) {
    const pair = line.split(';', 1)[0] ?? ''
    const name = pair.split('=', 1)[0] ?? ''
    if (pair === `${name}=`) pairs.delete(name)
    else pairs.set(name, pair)
  }
  return [...pairs.values()].filter((pair) => pair !== '').join('; ')
}
