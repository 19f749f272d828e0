import { createHash } from 'node:crypto'
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import { z } from 'zod'
import type { Caller } from '#lib/auth/identity.ts'
import { type AppError, isAppError, unauthenticated } from '#lib/errors/app-error.ts'
import { authUnreachable } from './auth-errors.ts'
import { createShortMemory } from './short-memory.ts'

export interface AccessTokenOptions {
  /** Address of the project, without `/auth/v1`. */
  url: string
  /** Public key of the project, for its gateway. */
  anonKey: string
  /** What tokens have to name as `iss`. */
  issuer: string
  /** Where absent, the project is asked about tokens that are signed with it. */
  jwtSecret: string | undefined
  /** Least time between two looks for a key that is not known. */
  keyCooldownMilliseconds?: number
}

/** Whom a token stands for; null for what is no JWT; rejects with `unauthenticated` for one that is not good here. */
export type VerifyAccessToken = (token: string) => Promise<Caller | null>

const audience = 'authenticated'
/** What Supabase signs with when it has a key pair: https://supabase.com/docs/guides/auth/signing-keys */
const keyPairAlgorithms = ['ES256', 'RS256', 'EdDSA']
const secretAlgorithm = 'HS256'
const clockToleranceSeconds = 5

const claimsSchema = z.object({
  sub: z.uuid(),
  exp: z.number(),
  role: z.literal('authenticated'),
  is_anonymous: z.literal(false).default(false),
  email: z.string().default(''),
  user_metadata: z.record(z.string(), z.unknown()).default({}),
  session_id: z.uuid().nullable().default(null),
})

/**
 * Checks access tokens of one Supabase project. The algorithm that a token names only chooses between two kinds of key
 * that are never mixed: published ones, and the secret. So a public key is never taken for a secret.
 */
export function createAccessTokenVerifier(options: AccessTokenOptions): VerifyAccessToken {
  const { url, anonKey, issuer, jwtSecret } = options
  const publishedKeys = createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`), {
    headers: { apikey: anonKey },
    cooldownDuration: options.keyCooldownMilliseconds ?? 30_000,
  })
  const secret = jwtSecret === undefined ? null : new TextEncoder().encode(jwtSecret)
  const isVouchedFor = createVoucher(`${url}/auth/v1/user`, anonKey)

  async function payloadOf(token: string, algorithm: unknown): Promise<JWTPayload> {
    const expected = {
      issuer,
      audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
    }
    if (typeof algorithm === 'string' && keyPairAlgorithms.includes(algorithm))
      return (await jwtVerify(token, publishedKeys, { ...expected, algorithms: [algorithm] })).payload
    if (algorithm !== secretAlgorithm) throw refused('Its algorithm is none that Supabase signs with.')
    if (secret) return (await jwtVerify(token, secret, { ...expected, algorithms: [algorithm] })).payload
    const payload = decodeJwt(token)
    checkUnsigned(payload, issuer)
    if (await isVouchedFor(token)) return payload
    throw refused('The project does not know it, or its session has ended.')
  }

  return async (token) => {
    const header = headerOf(token)
    if (!header) return null
    try {
      return callerOf(token, await payloadOf(token, header.alg))
    } catch (error) {
      throw namedError(error)
    }
  }
}

function headerOf(token: string) {
  if (token.split('.').length !== 3) return null
  try {
    return decodeProtectedHeader(token)
  } catch {
    return null
  }
}

function callerOf(token: string, payload: JWTPayload): Caller {
  const claims = claimsSchema.safeParse(payload)
  if (!claims.success) throw refused('It does not stand for a person with an account.')
  const { sub: id, exp, email, user_metadata, session_id } = claims.data
  return {
    user: { id, email, name: nameOf(user_metadata, email) },
    accessToken: { token, expiresAt: new Date(exp * 1000), sessionId: session_id },
  }
}

/** What somebody is called: by what they or their provider said, else by their address. */
export function nameOf(metadata: Record<string, unknown>, email: string): string {
  const given = [metadata.name, metadata.full_name].find((name) => typeof name === 'string' && name !== '')
  return (given as string | undefined) ?? email.split('@')[0] ?? ''
}

/** The claims that decide whether it is worth asking the project about the signature. */
function checkUnsigned({ iss, aud, exp }: JWTPayload, issuer: string): void {
  if (iss !== issuer) throw refused(issuedElsewhere)
  if (![aud].flat().includes(audience)) throw refused(forOthers)
  if (!exp || (exp + clockToleranceSeconds) * 1000 <= Date.now()) throw expired()
}

/** Asks the project itself whether a token is good, and believes the answer for a minute. */
function createVoucher(userUrl: string, anonKey: string): (token: string) => Promise<boolean> {
  const vouchedFor = createShortMemory<true>({ milliseconds: 60_000, max: 1000 })
  return async (token) => {
    const id = createHash('sha256').update(token).digest('base64')
    if (vouchedFor.recall(id)) return true
    const answer = await fetch(userUrl, {
      headers: { apikey: anonKey, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    })
    await answer.body?.cancel()
    if (answer.status >= 500 || answer.status === 429) throw new Error(`HTTP ${answer.status}`)
    if (!answer.ok) return false
    vouchedFor.keep(id, true)
    return true
  }
}

const issuedElsewhere = 'It names another issuer than this project.'
const forOthers = `It is not for the audience "${audience}".`

const refused = (details: string, cause?: unknown): AppError =>
  unauthenticated('invalid_token', 'This access token is not valid', details, cause)

const expired = (cause?: unknown): AppError =>
  unauthenticated(
    'access_token_expired',
    'This access token has expired',
    'Refresh it at Supabase and send the new one.',
    cause,
  )

const claimReasons: Record<string, string> = { iss: issuedElsewhere, aud: forOthers }

/** Which of jose's errors are about the token; all others are about getting at the keys. */
function namedError(error: unknown): AppError {
  if (isAppError(error)) return error
  if (error instanceof errors.JWTExpired) return expired(error)
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(claimReasons[error.claim] ?? `Its claim "${error.claim}" is not right.`, error)
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused('It was signed with a key that the project does not publish.', error)
  const ofToken = [
    errors.JWSSignatureVerificationFailed,
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
  ]
  if (ofToken.some((kind) => error instanceof kind)) return refused('Its signature is not right.', error)
  return authUnreachable(error)
}
