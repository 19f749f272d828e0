import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose'

export type SigningMode = 'HS256' | 'ES256'

/**
 * What a project signs access tokens with: its old shared secret, or a key pair, whose public half it publishes. The
 * secret goes on to be good for API keys, and for tokens of before.
 */
export interface SigningKeys {
  sign(claims: Record<string, unknown>): Promise<string>
  /** The key that a token's header asks for; throws where there is none. */
  keyOf(header: JWTHeaderParameters): Promise<CryptoKey | Uint8Array>
  published(): { keys: JWK[] }
  /** A new key signs from now on. The old one stays published until it is revoked. */
  rotate(options: { revokeOld: boolean }): Promise<void>
}

interface Pair {
  kid: string
  privateKey: CryptoKey
  jwk: JWK
}

export async function createSigningKeys(jwtSecret: string, mode: SigningMode): Promise<SigningKeys> {
  const secret = new TextEncoder().encode(jwtSecret)
  let pairs = mode === 'ES256' ? [await makePair()] : []

  return {
    sign(claims) {
      const [current] = pairs
      const header = current ? { alg: 'ES256', kid: current.kid } : { alg: 'HS256' }
      return new SignJWT(claims)
        .setProtectedHeader({ ...header, typ: 'JWT' })
        .sign(current ? current.privateKey : secret)
    },
    async keyOf(header) {
      if (header.alg === 'HS256') return secret
      return createLocalJWKSet({ keys: pairs.map(({ jwk }) => jwk) })(header)
    },
    published: () => ({ keys: pairs.map(({ jwk }) => jwk) }),
    async rotate({ revokeOld }) {
      pairs = [await makePair(), ...(revokeOld ? [] : pairs)]
    },
  }
}

async function makePair(): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = crypto.randomUUID()
  const jwk = {
    ...(await exportJWK(publicKey)),
    kid,
    alg: 'ES256',
    use: 'sig',
    key_ops: ['verify'],
    ext: true,
  }
  return { kid, privateKey, jwk }
}
