import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashToken } from '#lib/auth/tokens/token-secret.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

const owner = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' }

describeOnDatabases('accounts', (database) => {
  let app: TestApp
  let cookie: string

  const send = (path: string, init: RequestInit & { json?: unknown } = {}) =>
    fetch(`${app.url}${path}`, {
      ...init,
      ...(init.json === undefined ? {} : { method: 'POST', body: JSON.stringify(init.json) }),
      headers: { 'content-type': 'application/json', origin: app.url, ...(init.headers as object) },
    })
  const withCookie = (path: string, init: RequestInit & { json?: unknown } = {}) =>
    send(path, { ...init, headers: { cookie, ...(init.headers as object) } })
  const withToken = (token: string, path = '/api/training/dataset') =>
    fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const session = async (init?: RequestInit) =>
    (await (await withCookie('/api/session', init)).json()) as Record<string, unknown>

  beforeAll(async () => {
    app = await startApp({ database, settings: { OWNER_TOKEN: '' } })
  })
  afterAll(() => app.close())

  test('a deployment without an account offers to make the owner, once', async () => {
    expect(await (await send('/api/session')).json()).toMatchObject({ user: null, needs_owner: true })
    const elsewhere = await send('/api/owner', { json: owner, headers: { origin: 'https://evil.example' } })
    expect(elsewhere.status).toBe(403)
    const weak = await send('/api/owner', { json: { ...owner, password: 'short' } })
    expect(weak.status).toBe(400)

    const made = await send('/api/owner', { json: owner })
    expect(made.status).toBe(200)
    const set = made.headers.getSetCookie().find((line) => line.includes('session_token'))
    expect(set).toMatch(/HttpOnly/i)
    expect(set).toMatch(/SameSite=Lax/i)
    cookie = made.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')

    const again = await send('/api/owner', { json: { ...owner, email: 'eve@example.org' } })
    expect(again.status).toBe(409)
    expect(await session()).toMatchObject({ user: { email: owner.email }, needs_owner: false })
  })

  test('a session works from this site and from no other', async () => {
    expect((await withCookie('/api/training/dataset')).status).toBe(200)
    const foreign = await withCookie('/api/tokens', {
      json: { name: 'x' },
      headers: { origin: 'https://evil.example' },
    })
    expect(foreign.status).toBe(403)
    expect(await foreign.json()).toMatchObject({ code: 'cross_origin' })
  })

  test('sign-up is closed, sign-in works with the right password only', async () => {
    const signUp = await send('/api/auth/sign-up/email', {
      json: { name: 'Eve', email: 'eve@example.org', password: 'a long enough one' },
    })
    expect(signUp.status).toBe(403)
    expect(await signUp.json()).toMatchObject({ code: 'signup_closed' })
    const wrong = await send('/api/auth/sign-in/email', { json: { ...owner, password: 'wrong password' } })
    expect(wrong.status).toBe(401)
    const right = await send('/api/auth/sign-in/email', { json: owner })
    expect(right.status).toBe(200)
  })

  test('the owner, and nobody else, lets others make accounts', async () => {
    const change = (signup_open: boolean, headers: Record<string, string>) =>
      send('/api/deployment', { method: 'PATCH', body: JSON.stringify({ signup_open }), headers })
    const join = (email: string) =>
      send('/api/auth/sign-up/email', { json: { name: 'Grace', email, password: 'a long enough one' } })
    expect(await session()).toMatchObject({ is_owner: true, signup_open: false })
    expect((await change(true, { cookie })).status).toBe(200)

    const joined = await join('grace@example.org')
    expect(joined.status).toBe(200)
    const member = joined.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    expect(await session({ headers: { cookie: member } })).toMatchObject({
      user: { email: 'grace@example.org' },
      is_owner: false,
      signup_open: true,
    })
    const refused = await change(false, { cookie: member })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'not_the_owner' })

    expect((await change(false, { cookie })).status).toBe(200)
    expect((await join('eve@example.org')).status).toBe(403)
  })

  test('guessing passwords is slowed down', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 15; n++)
      statuses.push(
        (await send('/api/auth/sign-in/email', { json: { ...owner, password: `guess ${n}` } })).status,
      )
    expect(statuses.at(-1)).toBe(429)
    const right = await send('/api/auth/sign-in/email', { json: owner })
    expect(right.status).toBe(429)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('an API token is shown once, kept as a hash, noted when used, and dead when revoked', async () => {
    const made = await withCookie('/api/tokens', { json: { name: 'laptop' } })
    expect(made.status).toBe(201)
    const { id, token, preview } = (await made.json()) as { id: string; token: string; preview: string }

    const list = await (await withCookie('/api/tokens')).text()
    expect(list).toContain(preview)
    expect(list).not.toContain(token)
    const kept = await app.services.db.service.selectFrom('api_tokens').selectAll().execute()
    expect(JSON.stringify(kept)).not.toContain(token)
    expect(kept[0]).toMatchObject({ token_hash: hashToken(token), last_used_at: null })

    expect((await withToken(token)).status).toBe(200)
    const [used] = (
      (await (await withCookie('/api/tokens')).json()) as { tokens: { last_used_at: string }[] }
    ).tokens
    expect(Date.parse(used!.last_used_at)).toBeGreaterThan(Date.now() - 60_000)

    expect((await withCookie(`/api/tokens/${id}`, { method: 'DELETE' })).status).toBe(200)
    const dead = await withToken(token)
    expect(dead.status).toBe(401)
    expect(dead.headers.get('www-authenticate')).toBe('Bearer')
    expect(await dead.json()).toMatchObject({ code: 'invalid_token', request_id: expect.any(String) })
  })

  test('a token that has run out is refused', async () => {
    const made = await withCookie('/api/tokens', { json: { name: 'old', expires_in_days: 1 } })
    const { id, token } = (await made.json()) as { id: string; token: string }
    await app.services.db.service
      .updateTable('api_tokens')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .where('id', '=', id)
      .execute()
    expect((await withToken(token)).status).toBe(401)
  })

  test('nobody sees anything without a session or a token, and a stranger sees nothing of the owner', async () => {
    for (const path of ['/api/training/dataset', '/api/training/jobs', '/api/training/config', '/api/tokens'])
      expect((await send(path)).status, path).toBe(401)

    const made = await withCookie('/api/training/sample', { json: {} })
    const { dataset } = (await made.json()) as { dataset: { id: string } }
    const stranger = { id: crypto.randomUUID() }
    await app.services.db.service
      .insertInto('api_tokens')
      .values({ user_id: stranger.id, name: 's', preview: 's', token_hash: hashToken('strangers-own-token') })
      .execute()
    expect(await (await withToken('strangers-own-token')).json()).toMatchObject({ datasets: [], count: 0 })
    for (const path of ['', '/rows', '/compatibility'])
      expect(
        (await withToken('strangers-own-token', `/api/training/dataset/${dataset.id}${path}`)).status,
      ).toBe(404)
  })
})
