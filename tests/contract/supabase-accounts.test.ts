import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cookiesAfter, createSessionCookie } from '#lib/auth/supabase/session-cookie.ts'
import { createSupabaseIdentity } from '#lib/auth/supabase/supabase-identity.ts'
import type { Database } from '#lib/db/database.ts'
import { createLogger } from '#lib/log/logger.ts'
import { openPreparedDatabase } from '#tests/support/postgres/prepared-database.ts'
import {
  makeProjectUser,
  type ProjectUser,
  projectTokensOf,
  removeProjectUser,
} from '#tests/support/supabase/project-user.ts'
import { type SupabaseUnderTest, startSupabase } from '#tests/support/supabase/start-supabase.ts'

/** What of Supabase Auth is relied on, against the project that `TEST_SUPABASE_URL` names, else the stand-in. */
describe('accounts of a Supabase project', () => {
  let project: SupabaseUnderTest
  let db: Database
  let ada: ProjectUser
  let hasAuth = false
  const site = 'http://lab.example'
  const sessionCookie = createSessionCookie({ isHttps: false })

  beforeAll(async () => {
    project = await startSupabase()
    const health = await fetch(`${project.url}/auth/v1/health`, { headers: { apikey: project.anonKey } })
    hasAuth = health.ok
    if (!hasAuth) return
    db = await openPreparedDatabase()
    ada = await makeProjectUser(project, 'Ada')
  })
  afterAll(async () => {
    if (ada) await removeProjectUser(project, ada.id)
    await db?.close()
    await project?.close()
  })
  beforeEach((context) => {
    if (!hasAuth) context.skip('the project under test has no Auth server')
  })

  const identity = () =>
    createSupabaseIdentity({
      project,
      issuer: undefined,
      jwtSecret: project.jwtSecret || undefined,
      db,
      log: createLogger('silent'),
      baseUrl: site,
      ownerId: crypto.randomUUID(),
    })
  const post = (path: string, body: unknown, cookie = '') =>
    identity().handle(
      new Request(`${site}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { cookie } }),
    )
  async function signedIn(): Promise<string> {
    const answer = await post('/api/auth/sign-in/email', ada)
    expect(answer.status).toBe(200)
    return cookiesAfter(null, answer.headers.getSetCookie())
  }
  /** The same session, as it is when its access token is over. */
  async function aged(cookie: string): Promise<string> {
    const session = await sessionCookie.read(cookie)
    return cookiesAfter(cookie, sessionCookie.write(cookie, { ...session!, expires_at: 1 }))
  }

  test('an access token is known by its signature, and one with another signature is not', async () => {
    const { access_token } = await projectTokensOf(project, ada)
    expect(await identity().callerOfAccessToken(access_token)).toMatchObject({
      user: { id: ada.id, email: ada.email, name: 'Ada' },
      accessToken: { sessionId: expect.any(String) },
    })
    const [header, payload, signature = ''] = access_token.split('.')
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    await expect(identity().callerOfAccessToken(`${header}.${payload}.${other}`)).rejects.toMatchObject({
      kind: 'unauthenticated',
    })
  })

  test('a wrong password and an unknown address are refused alike', async () => {
    const refused = { kind: 'unauthenticated', code: 'invalid_credentials' }
    await expect(
      post('/api/auth/sign-in/email', { ...ada, password: 'not the password' }),
    ).rejects.toMatchObject(refused)
    const nobody = { email: `${crypto.randomUUID()}@example.org`, password: 'a password' }
    await expect(post('/api/auth/sign-in/email', nobody)).rejects.toMatchObject(refused)
  })

  test('a session is renewed when its access token is over, once for all who ask at once', async () => {
    const old = await aged(await signedIn())
    const keeper = identity()
    const headers = new Headers({ cookie: old })
    const [one, other] = await Promise.all([keeper.renewSession(headers), keeper.renewSession(headers)])
    expect(one?.setCookies).toEqual(other?.setCookies)
    const caller = await keeper.callerOfSession(new Headers({ cookie: one!.cookie }))
    expect(caller?.user.id).toBe(ada.id)
    // Another process is given the tokens that are valid now.
    const elsewhere = await identity().renewSession(headers)
    expect((await identity().callerOfSession(new Headers({ cookie: elsewhere!.cookie })))?.user.id).toBe(
      ada.id,
    )
  })

  test('a session that was signed out opens nothing and is not renewed', async () => {
    const cookie = await signedIn()
    const answer = await post('/api/auth/sign-out', {}, cookie)
    expect(cookiesAfter(cookie, answer.headers.getSetCookie())).toBe('')
    expect(await identity().callerOfSession(new Headers({ cookie }))).toBeNull()
    const renewed = await identity().renewSession(new Headers({ cookie: await aged(cookie) }))
    expect(renewed?.cookie).toBe('')
  })

  test('an account that was removed is found no more', async () => {
    const gone = await makeProjectUser(project, 'Gone')
    expect(await identity().findUser(gone.id)).toMatchObject({ email: gone.email })
    await removeProjectUser(project, gone.id)
    expect(await identity().findUser(gone.id)).toBeNull()
  })
})
