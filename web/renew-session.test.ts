import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test, vi } from 'vitest'
import type { Identity } from '#lib/auth/identity.ts'
import { renewSession } from './renew-session.ts'

async function renewed(url: string, cookie: string | undefined = 'session=old') {
  const request = { url, headers: { cookie } } as unknown as IncomingMessage
  const response = { appendHeader: vi.fn() }
  const identity = {
    renewSession: async () => ({ setCookies: ['session=new; Path=/'], cookie: 'session=new' }),
  } as unknown as Identity
  await renewSession(identity, request, response as unknown as ServerResponse)
  return { cookie: request.headers.cookie, sent: response.appendHeader.mock.calls }
}

test.each(['/datasets', '/', '/jobs/1?_rsc=abc', '/api/session', '/api/training/jobs/1/logs.txt'])(
  '%s sees the new tokens, and sends them to the browser',
  async (url) => {
    expect(await renewed(url)).toEqual({
      cookie: 'session=new',
      sent: [['set-cookie', 'session=new; Path=/']],
    })
  },
)

test.each(['/_next/static/chunks/main.js', '/_next/image?url=x', '/icon.svg'])(
  '%s, which caches may keep for everybody, carries nobody’s cookies',
  async (url) => {
    expect(await renewed(url)).toEqual({ cookie: 'session=old', sent: [] })
  },
)

test('a request without cookies has no session', async () => {
  expect((await renewed('/datasets', '')).sent).toEqual([])
})
