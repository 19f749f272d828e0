import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { SupabaseProject } from '#lib/auth/supabase/project.ts'
import { cookiesAfter } from '#lib/auth/supabase/session-cookie.ts'
import { createSupabaseIdentity, type SupabaseIdentityOptions } from '#lib/auth/supabase/supabase-identity.ts'
import type { Database } from '#lib/db/database.ts'
import { createLogger } from '#lib/log/logger.ts'
import { BrowserSession } from '../support/app/browser-session.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { openPreparedDatabase } from '../support/postgres/prepared-database.ts'
import {
  blockProjectUser,
  makeProjectUser,
  type ProjectUser,
  projectTokensOf,
  removeProjectUser,
} from '../support/supabase/project-user.ts'
import type { SigningMode } from '../support/supabase/signing-keys.ts'
import { type SupabaseDouble, startSupabaseDouble } from '../support/supabase/start-supabase-double.ts'
import { projectTokens } from '../support/supabase/tokens.ts'

const settingsFor = (project: SupabaseDouble) => ({
  AUTH: 'supabase',
  SUPABASE_URL: project.url,
  SUPABASE_ANON_KEY: project.anonKey,
  SUPABASE_SERVICE_ROLE_KEY: project.serviceRoleKey,
})

const forgetAttempts = ({ services }: TestApp) => services.db.service.deleteFrom('rate_limits').execute()

describe('accounts at a Supabase project', () => {
  let project: SupabaseDouble
  let app: TestApp
  let ada: ProjectUser

  beforeAll(async () => {
    project = await startSupabaseDouble()
    app = await startApp({ settings: settingsFor(project) })
    ada = await makeProjectUser(project, 'Ada')
  })
  afterAll(async () => {
    await app?.close()
    await project?.close()
  })
  beforeEach(async () => {
    project.isPaused = false
    project.auth.accessTokenSeconds = 3600
    Object.assign(project.auth.accounts.rules, { autoconfirm: true, disableSignup: false })
    await forgetAttempts(app)
  })

  const withToken = (token: string, path = '/api/training/dataset') =>
    fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
  async function signedIn(user: ProjectUser = ada): Promise<BrowserSession> {
    const browser = new BrowserSession(app.url)
    const answer = await browser.post('/api/auth/sign-in/email', user)
    expect(answer.status, await answer.clone().text()).toBe(200)
    return browser
  }

  const newcomer = () => ({
    name: 'Zoe',
    email: `zoe-${crypto.randomUUID()}@example.org`,
    password: 'a password of Zoe',
  })

  test('an access token opens every endpoint as its user', async () => {
    const { access_token } = await projectTokensOf(project, ada)
    for (const path of ['/api/training/dataset', '/api/training/jobs', '/api/training/config', '/api/tokens'])
      expect((await withToken(access_token, path)).status, path).toBe(200)
    expect(await (await withToken(access_token, '/api/session')).json()).toMatchObject({
      user: { id: ada.id, email: ada.email, name: 'Ada' },
      auth: 'supabase',
      needs_owner: false,
    })
  })

  test('an expired access token is told apart from one that is no good', async () => {
    project.auth.accessTokenSeconds = -60
    const expired = await withToken((await projectTokensOf(project, ada)).access_token)
    expect(expired.status).toBe(401)
    expect(await expired.json()).toMatchObject({ code: 'access_token_expired' })
    for (const token of [project.anonKey, project.serviceRoleKey, 'not-a-token']) {
      const refused = await withToken(token)
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({ code: 'invalid_token' })
    }
  })

  test('sign-in puts the session into cookies that no script and no other site can use', async () => {
    const browser = await signedIn()
    expect(browser.lastSetCookies).not.toHaveLength(0)
    for (const line of browser.lastSetCookies) {
      expect(line).toMatch(/HttpOnly/)
      expect(line).toMatch(/SameSite=Lax/)
      expect(line).toMatch(/Path=\//)
    }
    expect(await browser.user()).toEqual({ id: ada.id, email: ada.email, name: 'Ada' })
    const elsewhere = { origin: 'https://evil.example', 'content-type': 'application/json' }
    for (const path of ['/api/tokens', '/api/auth/sign-out', '/api/auth/sign-in/email']) {
      const answer = await browser.fetch(path, { method: 'POST', body: '{}', headers: elsewhere })
      expect(answer.status, path).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'cross_origin' })
    }
  })

  test('an API token of such an account works, and ends when the project blocks the account', async () => {
    const eve = await makeProjectUser(project, 'Eve')
    const browser = await signedIn(eve)
    const { token } = (await (await browser.post('/api/tokens', { name: 'laptop' })).json()) as {
      token: string
    }
    await blockProjectUser(project, eve.id)
    expect((await withToken(token)).status).toBe(401)
    const answer = await new BrowserSession(app.url).post('/api/auth/sign-in/email', eve)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'account_blocked' })
  })

  test('an API token of an account that was removed is worth nothing', async () => {
    const gone = await makeProjectUser(project, 'Gone')
    const browser = await signedIn(gone)
    const { token } = (await (await browser.post('/api/tokens', { name: 'x' })).json()) as { token: string }
    await removeProjectUser(project, gone.id)
    expect((await withToken(token)).status).toBe(401)
  })

  test('automation with OWNER_TOKEN is an account of the project too', async () => {
    const session = (await (await withToken(app.ownerToken, '/api/session')).json()) as {
      user: { id: string; name: string }
    }
    expect(session.user.name).toBe('Owner')
    expect(project.auth.accounts.find(session.user.id)).toBeDefined()
    expect((await app.asOwner('/api/training/dataset')).status).toBe(200)
  })

  test('a session goes on when its access token ends, also for requests that come at once', async () => {
    project.auth.accessTokenSeconds = 1
    const browser = await signedIn()
    project.auth.accessTokenSeconds = 3600
    const before = [...browser.cookies.values()]
    const old = new BrowserSession(app.url)
    for (const [name, value] of browser.cookies) old.cookies.set(name, value)
    const answers = await Promise.all(
      ['/api/session', '/api/training/dataset', '/api/tokens', '/api/training/jobs'].map((path) =>
        browser.fetch(path),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect([...browser.cookies.values()]).not.toEqual(before)
    expect((await browser.user())?.id).toBe(ada.id)
    expect(browser.lastSetCookies).toEqual([])
    // A tab that was still on its way with the old cookies.
    expect((await old.user())?.id).toBe(ada.id)
  })

  test('a session that the project ended is over, and its cookies go', async () => {
    project.auth.accessTokenSeconds = 1
    const browser = await signedIn()
    project.auth.accounts.endSessions(ada.id)
    expect(await browser.user()).toBeNull()
    expect(browser.cookies.size).toBe(0)
  })

  test('when the project does not answer, that is what is said, and the session is kept', async () => {
    project.auth.accessTokenSeconds = 1
    const browser = await signedIn()
    project.isPaused = true
    const answer = await browser.fetch('/api/training/dataset')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'auth_unreachable' })
    expect(browser.cookies.size).toBeGreaterThan(0)
  })

  test('signing out ends the session here and at the project', async () => {
    project.auth.accessTokenSeconds = 30
    const browser = await signedIn()
    const kept = new BrowserSession(app.url)
    for (const [name, value] of browser.cookies) kept.cookies.set(name, value)
    const elsewhere = await projectTokensOf(project, ada)
    expect((await browser.post('/api/auth/sign-out', {})).status).toBe(200)
    expect(browser.cookies.size).toBe(0)
    expect(await browser.user()).toBeNull()
    // Whoever kept the cookies has nothing from them; the account's other sessions go on.
    expect(await kept.user()).toBeNull()
    expect(project.auth.accounts.refresh(elsewhere.refresh_token).account.id).toBe(ada.id)
  })

  test('tampered cookies are no session', async () => {
    const browser = await signedIn()
    const [[name, value] = ['', '']] = browser.cookies
    for (const wrong of [value.slice(0, -20), 'x', Buffer.from('{"access_token":1}').toString('base64url')]) {
      browser.cookies.set(name, wrong)
      expect(await browser.user()).toBeNull()
    }
  })

  test('the password is changed by whoever knows it; every other session ends', async () => {
    const kim = await makeProjectUser(project, 'Kim')
    const [browser, other] = [await signedIn(kim), await projectTokensOf(project, kim)]
    const change = (currentPassword: string, newPassword: string) =>
      browser.post('/api/auth/change-password', { currentPassword, newPassword })
    const wrong = await change('not it', 'another long password')
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toMatchObject({ code: 'invalid_password' })
    const same = await change(kim.password, kim.password)
    expect(await same.json()).toMatchObject({ code: 'same_password' })
    const long = await change(kim.password, 'x'.repeat(100))
    expect(await long.json()).toMatchObject({ details: expect.stringContaining('72 characters') })
    const kept = new BrowserSession(app.url)
    for (const [name, value] of browser.cookies) kept.cookies.set(name, value)
    expect((await change(kim.password, 'another long password')).status).toBe(200)
    expect((await browser.user())?.id).toBe(kim.id)
    expect(await kept.user()).toBeNull()
    expect(() => project.auth.accounts.refresh(other.refresh_token)).toThrow('Not Found')
    await signedIn({ ...kim, password: 'another long password' })
  })

  test('an account with a second factor is not let in by its password alone', async () => {
    const max = await makeProjectUser(project, 'Max')
    project.auth.accounts.find(max.id)!.hasFactor = true
    const browser = new BrowserSession(app.url)
    const answer = await browser.post('/api/auth/sign-in/email', max)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'second_factor_needed' })
    expect(browser.cookies.size).toBe(0)
  })

  test('sign-up is open where the project says so, and lets in at once', async () => {
    expect(await (await fetch(`${app.url}/api/session`)).json()).toMatchObject({ signup_open: true })
    const browser = new BrowserSession(app.url)
    const zoe = newcomer()
    expect((await browser.post('/api/auth/sign-up/email', zoe)).status).toBe(200)
    expect(await browser.user()).toMatchObject({ email: zoe.email, name: 'Zoe' })
    const again = await new BrowserSession(app.url).post('/api/auth/sign-up/email', zoe)
    expect(again.status).toBe(409)
    expect(await again.json()).toMatchObject({ code: 'account_exists' })
  })

  test('sign-up waits for the address to be confirmed where the project wants it', async () => {
    project.auth.accounts.rules.autoconfirm = false
    const browser = new BrowserSession(app.url)
    const zoe = newcomer()
    const answer = await browser.post('/api/auth/sign-up/email', zoe)
    expect(await answer.json()).toEqual({ confirmation_sent: true })
    expect(browser.cookies.size).toBe(0)
    const early = await browser.post('/api/auth/sign-in/email', zoe)
    expect(early.status).toBe(403)
    expect(await early.json()).toMatchObject({ code: 'email_not_confirmed' })
    project.auth.accounts.withEmail(zoe.email)!.confirmedAt = new Date()
    expect((await browser.post('/api/auth/sign-in/email', zoe)).status).toBe(200)
  })

  test('sign-up is refused where the project is closed', async () => {
    project.auth.accounts.rules.disableSignup = true
    const answer = await new BrowserSession(app.url).post('/api/auth/sign-up/email', newcomer())
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'signup_closed' })
  })

  test('guessing passwords is slowed down before the project hears of it', async () => {
    const browser = new BrowserSession(app.url)
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) {
      const guess = { email: 'ada@example.org', password: `guess ${n}` }
      statuses.push((await browser.post('/api/auth/sign-in/email', guess)).status)
    }
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401])
    expect(statuses.at(-1)).toBe(429)
  })

  test('there is no owner to be made, and nothing else below /api/auth', async () => {
    const browser = new BrowserSession(app.url)
    const owner = await browser.post('/api/owner', newcomer())
    expect(owner.status).toBe(409)
    expect(await owner.json()).toMatchObject({ code: 'accounts_at_supabase' })
    expect((await browser.fetch('/api/auth/get-session')).status).toBe(404)
  })
})

interface Setup {
  signing: SigningMode
  keys?: (project: SupabaseDouble) => Partial<SupabaseProject>
  knowsSecret?: boolean
}

const setups: Record<string, Setup> = {
  'the legacy secret': { signing: 'HS256', knowsSecret: true },
  'a secret that only the project knows': { signing: 'HS256' },
  'a key pair, and has opaque API keys': {
    signing: 'ES256',
    keys: ({ publishableKey, secretKey }) => ({ anonKey: publishableKey, serviceRoleKey: secretKey }),
  },
}

describe('whatever a project signs with', () => {
  let db: Database
  beforeAll(async () => {
    db = await openPreparedDatabase()
  })
  afterAll(() => db?.close())

  const keeperOf = (project: SupabaseProject, options: Partial<SupabaseIdentityOptions>) =>
    createSupabaseIdentity({
      project,
      issuer: undefined,
      jwtSecret: undefined,
      db,
      log: createLogger('silent'),
      baseUrl: 'http://lab.example',
      ownerId: crypto.randomUUID(),
      ...options,
    })

  test('a token that the project has just made and that is refused here is called a wrong setting', async () => {
    const double = await startSupabaseDouble()
    onTestFinished(() => double.close())
    const ada = await makeProjectUser(double, 'Ada')
    const body = JSON.stringify(ada)
    const entering = keeperOf(double, { issuer: 'https://elsewhere.example/auth/v1' }).handle(
      new Request('http://lab.example/api/auth/sign-in/email', { method: 'POST', body }),
    )
    await expect(entering).rejects.toMatchObject({
      kind: 'misconfigured',
      code: 'project_tokens_refused',
      details: expect.stringContaining('SUPABASE_JWT_ISSUER'),
    })
  })

  test.each(Object.entries(setups))('%s: its people come in by token and by password', async (_, setup) => {
    const double = await startSupabaseDouble({ signing: setup.signing })
    onTestFinished(() => double.close())
    const identity = keeperOf(double, {
      project: { ...double, ...setup.keys?.(double) },
      jwtSecret: setup.knowsSecret ? double.jwtSecret : undefined,
    })
    const ada = await makeProjectUser(double, 'Ada')
    const user = { id: ada.id, email: ada.email, name: 'Ada' }
    const { access_token } = await projectTokensOf(double, ada)
    expect(await identity.callerOfAccessToken(access_token)).toMatchObject({ user })
    const forged = await projectTokens('a secret of somebody else').userToken(ada.id)
    await expect(identity.callerOfAccessToken(forged)).rejects.toMatchObject({ kind: 'unauthenticated' })

    const entered = await identity.handle(
      new Request('http://lab.example/api/auth/sign-in/email', { method: 'POST', body: JSON.stringify(ada) }),
    )
    const cookie = cookiesAfter(null, entered.headers.getSetCookie())
    expect(await identity.callerOfSession(new Headers({ cookie }))).toMatchObject({ user })
    expect(await identity.findUser(ada.id)).toEqual(user)
    expect((await identity.ensureOwner()).name).toBe('Owner')
  })
})
