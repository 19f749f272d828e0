import { errors, jwtVerify, SignJWT } from 'jose'
import type { SigningKeys } from './signing-keys.ts'
import { refusals } from './storage-refusal.ts'

export interface Caller {
  role: 'service_role' | 'authenticated' | 'anon'
  sub: string | null
}

/** Makes and checks tokens of a project, signed with its secret; those that its Auth server signed are known by `keys`. */
export function projectTokens(
  jwtSecret: string,
  keys?: SigningKeys,
  onCaller: (caller: Caller) => void = () => {},
) {
  const key = new TextEncoder().encode(jwtSecret)
  const sign = (claims: Record<string, unknown>, lifetime: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(key)

  return {
    apiKey: (role: 'anon' | 'service_role') => sign({ role, iss: 'supabase' }, '10y'),
    userToken: (sub: string, lifetime = '1h') =>
      sign({ role: 'authenticated', aud: 'authenticated', sub }, lifetime),
    linkToken: (url: string, seconds: number) => sign({ url }, `${seconds}s`),

    async caller(authorization: string | undefined | null): Promise<Caller> {
      const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
      if (!token) throw refusals.missingToken()
      try {
        const { payload } = await jwtVerify(token, (header) => keys?.keyOf(header) ?? key)
        const caller = { role: payload.role as Caller['role'], sub: payload.sub ?? null }
        onCaller(caller)
        return caller
      } catch (error) {
        throw refusals.invalidJwt((error as Error).message)
      }
    },

    async linkUrl(token: string): Promise<string> {
      try {
        const { payload } = await jwtVerify(token, key)
        return String(payload.url)
      } catch (error) {
        const expired = error instanceof errors.JWTExpired
        throw refusals.linkJwt(
          expired ? '"exp" claim timestamp check failed' : 'signature verification failed',
        )
      }
    },
  }
}

export type ProjectTokens = ReturnType<typeof projectTokens>
