import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccessTokenOptions, createAccessTokenVerifier } from './access-token.ts'

const jwtSecret = 'a secret of a legacy project, long enough'
const sub = crypto.randomUUID()
const sessionId = crypto.randomUUID()
type Pair = Awaited<ReturnType<typeof keyPair>>
const keyPair = async (kid: string, alg = 'ES256') => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** The two addresses of a project that a verifier asks. */
const project = {
  url: '',
  keys: [] as JWK[],
  keysAsked: 0,
  isDown: false,
  known: new Set<string>(),
  usersAsked: 0,
}
const server = createServer((request, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (project.isDown) return answer(503, { message: 'paused' })
  if (request.url === '/auth/v1/.well-known/jwks.json') {
    project.keysAsked++
    return answer(200, { keys: project.keys })
  }
  project.usersAsked++
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  return project.known.has(token) ? answer(200, { id: sub }) : answer(403, { code: 'bad_jwt' })
})
let pair: Pair

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  project.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  pair = await keyPair('first')
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  Object.assign(project, { keys: [pair.jwk], keysAsked: 0, usersAsked: 0, isDown: false })
})

const verifier = (changes: Partial<AccessTokenOptions> = {}) =>
  createAccessTokenVerifier({
    url: project.url,
    anonKey: 'anon',
    issuer: `${project.url}/auth/v1`,
    jwtSecret,
    ...changes,
  })

function claims(changes: Record<string, unknown> = {}) {
  const seconds = Math.floor(Date.now() / 1000)
  return {
    iss: `${project.url}/auth/v1`,
    aud: 'authenticated',
    sub,
    role: 'authenticated',
    email: 'ada@example.org',
    user_metadata: { name: 'Ada' },
    is_anonymous: false,
    session_id: sessionId,
    iat: seconds,
    exp: seconds + 3600,
    ...changes,
  }
}
const signed = ({ alg, kid, privateKey }: Pair, changes = {}) =>
  new SignJWT(claims(changes)).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey)
const sealed = (changes = {}, secret: string | Uint8Array = jwtSecret, header = {}) =>
  new SignJWT(claims(changes))
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header })
    .sign(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret)

const refusal = (details: string) => ({
  kind: 'unauthenticated',
  code: 'invalid_token',
  details: expect.stringContaining(details),
})

describe('a good token', () => {
  const ada = {
    user: { id: sub, email: 'ada@example.org', name: 'Ada' },
    accessToken: { token: expect.any(String), expiresAt: expect.any(Date), sessionId },
  }

  test.each(['ES256', 'RS256', 'EdDSA'])(
    'signed with a published %s key stands for its user',
    async (alg) => {
      const other = await keyPair('other', alg)
      project.keys = [pair.jwk, other.jwk]
      expect(await verifier()(await signed(other))).toMatchObject(ada)
    },
  )

  test('signed with the secret stands for its user, with or without the name of a key', async () => {
    expect(await verifier()(await sealed())).toMatchObject(ada)
    expect(await verifier()(await sealed({}, jwtSecret, { kid: 'legacy' }))).toMatchObject(ada)
    expect(project.keysAsked).toBe(0)
  })

  test('without a name is called by its address', async () => {
    const token = await sealed({ user_metadata: {} })
    expect((await verifier()(token))?.user.name).toBe('ada')
  })

  test('costs one look at the keys for many tokens', async () => {
    const verify = verifier()
    for (let n = 0; n < 5; n++) await verify(await signed(pair, { jti: String(n) }))
    expect(project.keysAsked).toBe(1)
  })
})

describe('what is refused', () => {
  test.each([
    ['another issuer', { iss: 'https://elsewhere.supabase.co/auth/v1' }, 'another issuer'],
    ['no issuer', { iss: undefined }, 'another issuer'],
    ['another audience', { aud: 'anon' }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['no end', { exp: undefined }, 'exp'],
    ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }, 'nbf'],
    ['the role of the service', { role: 'service_role' }, 'person'],
    ['an anonymous user', { is_anonymous: true }, 'person'],
    ['a user that is no UUID', { sub: 'ada' }, 'person'],
  ])('%s', async (_, changes, details) => {
    await expect(verifier()(await signed(pair, changes))).rejects.toMatchObject(refusal(details))
    await expect(verifier()(await sealed(changes))).rejects.toMatchObject(refusal(details))
  })

  test('an expired token, by its own code', async () => {
    const past = Math.floor(Date.now() / 1000) - 10
    const gone = { kind: 'unauthenticated', code: 'access_token_expired' }
    await expect(verifier()(await signed(pair, { exp: past }))).rejects.toMatchObject(gone)
    await expect(verifier()(await sealed({ exp: past }))).rejects.toMatchObject(gone)
  })

  test('a token that nobody signed', async () => {
    const token = new UnsecuredJWT(claims()).encode()
    await expect(verifier()(token)).rejects.toMatchObject(refusal('algorithm'))
    const [, payload] = token.split('.')
    const shouted = Buffer.from('{"alg":"NONE"}').toString('base64url')
    await expect(verifier()(`${shouted}.${payload}.`)).rejects.toMatchObject(refusal('algorithm'))
  })

  test('the public key used as a secret', async () => {
    const spki = await exportSPKI(pair.publicKey)
    for (const secret of [spki, JSON.stringify(pair.jwk), Buffer.from(pair.jwk.x!, 'base64url')]) {
      const forged = await sealed({}, secret, { kid: pair.kid })
      await expect(verifier()(forged)).rejects.toMatchObject(refusal('signature'))
      await expect(verifier({ jwtSecret: undefined })(forged)).rejects.toMatchObject(refusal('does not know'))
    }
  })

  test('another secret, another key under a known name, changed claims', async () => {
    await expect(verifier()(await sealed({}, 'another secret'))).rejects.toMatchObject(refusal('signature'))
    const impostor = await keyPair(pair.kid)
    await expect(verifier()(await signed(impostor))).rejects.toMatchObject(refusal('signature'))
    const [header, , signature] = (await signed(pair)).split('.')
    const changed = Buffer.from(JSON.stringify(claims({ sub: crypto.randomUUID() }))).toString('base64url')
    await expect(verifier()(`${header}.${changed}.${signature}`)).rejects.toMatchObject(refusal('signature'))
  })

  test('what is no JWT is nobody’s access token', async () => {
    for (const text of ['', 'ftl_abc', 'a.b', 'a.b.c', 'job_1.2.3']) expect(await verifier()(text)).toBeNull()
  })
})

describe('keys', () => {
  test('that are new are looked for once, and not again for each unknown name', async () => {
    const verify = verifier({ keyCooldownMilliseconds: 60_000 })
    await verify(await signed(pair))
    const stranger = await keyPair('unknown')
    for (let n = 0; n < 5; n++)
      await expect(verify(await signed(stranger))).rejects.toMatchObject(refusal('does not publish'))
    expect(project.keysAsked).toBe(1)
  })

  test('that were rotated are found, and the old one goes with them', async () => {
    const verify = verifier({ keyCooldownMilliseconds: 0 })
    const before = await signed(pair)
    await verify(before)
    const next = await keyPair('second')
    project.keys = [next.jwk]
    expect(await verify(await signed(next))).not.toBeNull()
    await expect(verify(before)).rejects.toMatchObject(refusal('does not publish'))
  })

  test('that cannot be had are no judgement on the token', async () => {
    project.isDown = true
    const unreachable = { kind: 'transient', code: 'auth_unreachable' }
    await expect(verifier()(await signed(pair))).rejects.toMatchObject(unreachable)
    await expect(verifier({ jwtSecret: undefined })(await sealed())).rejects.toMatchObject(unreachable)
  })
})

describe('without the secret', () => {
  test('the project is asked, and believed for a while', async () => {
    const verify = verifier({ jwtSecret: undefined })
    const token = await sealed()
    project.known.add(token)
    expect((await verify(token))?.user.id).toBe(sub)
    await verify(token)
    expect(project.usersAsked).toBe(1)
    await expect(verify(await sealed({ jti: 'unknown' }))).rejects.toMatchObject(refusal('does not know'))
  })

  test('what can be seen to be wrong is not asked about', async () => {
    const verify = verifier({ jwtSecret: undefined })
    const past = Math.floor(Date.now() / 1000) - 10
    for (const changes of [{ iss: 'x' }, { aud: 'anon' }, { exp: past }, { exp: undefined }])
      await expect(verify(await sealed(changes))).rejects.toMatchObject({ kind: 'unauthenticated' })
    expect(project.usersAsked).toBe(0)
  })
})
