import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserSession } from '../support/app/browser-session.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { makeProjectUser, type ProjectUser } from '../support/supabase/project-user.ts'
import { type SupabaseDouble, startSupabaseDouble } from '../support/supabase/start-supabase-double.ts'

const rows = [1, 2, 3]
  .map((n) => JSON.stringify({ prompt: `What is ${n}?`, completion: `${n} is ${n}.` }))
  .join('\n')

describe('a dataset in Supabase Storage, of somebody with an account there', () => {
  let project: SupabaseDouble
  let app: TestApp
  let ada: ProjectUser
  let eve: ProjectUser
  let browser: BrowserSession

  beforeAll(async () => {
    project = await startSupabaseDouble()
    app = await startApp({
      settings: {
        AUTH: 'supabase',
        SUPABASE_URL: project.url,
        SUPABASE_ANON_KEY: project.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: project.serviceRoleKey,
      },
    })
    ada = await makeProjectUser(project, 'Ada')
    eve = await makeProjectUser(project, 'Eve')
    browser = await signedIn(ada)
  })
  afterAll(async () => {
    await app?.close()
    await project?.close()
  })
  beforeEach(() => {
    project.storageCallers.length = 0
    project.auth.accessTokenSeconds = 3600
  })

  async function signedIn(user: ProjectUser): Promise<BrowserSession> {
    const session = new BrowserSession(app.url)
    expect((await session.post('/api/auth/sign-in/email', user)).status).toBe(200)
    return session
  }
  async function upload(session: Pick<BrowserSession, 'fetch'>, name: string) {
    const form = new FormData()
    form.set('name', name)
    form.set('on_duplicate', 'keep')
    form.set('file', new Blob([rows]), 'rows.jsonl')
    const answer = await session.fetch('/api/training/dataset', { method: 'POST', body: form })
    expect(answer.status, await answer.clone().text()).toBe(201)
    const { dataset } = (await answer.json()) as {
      dataset: { id: string; storage_path: string; storage_provider: string }
    }
    return dataset
  }
  const roles = () => [...new Set(project.storageCallers.map(({ role }) => role))]

  test('is stored, read, signed and removed with its owner’s own token', async () => {
    const dataset = await upload(browser, 'mine')
    expect(dataset).toMatchObject({
      storage_provider: 'supabase',
      storage_path: `${ada.id}/private/${dataset.id}.jsonl.gz`,
    })
    const read = await browser.fetch(`/api/training/dataset/${dataset.id}/rows`)
    expect(((await read.json()) as { total: number }).total).toBe(3)
    const link = await browser.post(`/api/training/dataset/${dataset.id}/download-url`, {})
    const { url, token } = (await link.json()) as { url: string; token: string }
    expect(token).toBe('supabase-signed')
    expect((await fetch(url)).status).toBe(200)
    const removed = await browser.fetch(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
    expect(await removed.json()).toMatchObject({ object_removed: true })
    expect(roles()).toEqual(['authenticated'])
    expect(new Set(project.storageCallers.map(({ sub }) => sub))).toEqual(new Set([ada.id]))
  })

  test('is nothing to a stranger: not here, and not at the store with a token of their own', async () => {
    const dataset = await upload(browser, 'private')
    const stranger = await signedIn(eve)
    for (const path of ['', '/rows'])
      expect((await stranger.fetch(`/api/training/dataset/${dataset.id}${path}`)).status).toBe(404)
    expect((await stranger.post(`/api/training/dataset/${dataset.id}/download-url`, {})).status).toBe(404)
    const { session, account } = project.auth.accounts.signIn(eve.email, eve.password)
    const authorization = `Bearer ${await project.signingKeys.sign({
      sub: account.id,
      role: 'authenticated',
      aud: 'authenticated',
      session_id: session.id,
      exp: Math.floor(Date.now() / 1000) + 60,
    })}`
    const direct = `${project.url}/storage/v1/object/training-datasets/${dataset.storage_path}`
    const answer = await fetch(direct, { headers: { authorization, apikey: project.anonKey } })
    expect(await answer.json()).toMatchObject({ code: 'NoSuchKey' })
  })

  test('is the policies’ to forbid: without them nothing is stored, and the way out is named', async () => {
    project.objects.hasPolicies = false
    try {
      const form = new FormData()
      form.set('file', new Blob([rows]), 'rows.jsonl')
      const answer = await browser.fetch('/api/training/dataset', { method: 'POST', body: form })
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'storage_denied' })
      const tried = await browser.post('/api/storage/supabase/test', {})
      const { steps } = (await tried.json()) as { steps: { id: string; status: string; fix?: string }[] }
      expect(steps.find(({ id }) => id === 'put')).toMatchObject({
        status: 'fail',
        fix: expect.stringContaining('20251228000000_supabase_storage.sql'),
      })
    } finally {
      project.objects.hasPolicies = true
    }
  })

  test('is reached by an API token of its owner too, with the service key on the server', async () => {
    const made = await browser.post('/api/tokens', { name: 'cli' })
    const { token } = (await made.json()) as { token: string }
    const asToken = {
      fetch: (path: string, init: RequestInit = {}) =>
        fetch(`${app.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } }),
    }
    const dataset = await upload(asToken, 'from the command line')
    expect(dataset.storage_path.startsWith(`${ada.id}/private/`)).toBe(true)
    expect(roles()).toEqual(['service_role'])
    expect((await browser.fetch(`/api/training/dataset/${dataset.id}/rows`)).status).toBe(200)
  })
})
