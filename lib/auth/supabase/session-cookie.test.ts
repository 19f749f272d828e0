import { describe, expect, test } from 'vitest'
import { cookiesAfter, createSessionCookie } from './session-cookie.ts'

const session = { access_token: 'aaa.bbb.ccc', refresh_token: 'rrr', expires_at: 1_800_000_000 }
const large = { ...session, access_token: 'x'.repeat(5000) }
const cookie = createSessionCookie({ isHttps: false })

describe('the session cookie', () => {
  test.each([session, large])('is read back as it was written, in one part or several', async (kept) => {
    const header = cookiesAfter('theme=dark', cookie.write(null, kept))
    expect(header).toContain('theme=dark')
    expect(await cookie.read(header)).toEqual(kept)
  })

  test('leaves no part of a larger one behind, and nothing when the session ends', async () => {
    const before = cookiesAfter('theme=dark', cookie.write(null, large))
    const after = cookiesAfter(before, cookie.write(before, session))
    expect(await cookie.read(after)).toEqual(session)
    expect(cookiesAfter(before, cookie.write(before, null))).toBe('theme=dark')
    expect(cookiesAfter(after, cookie.write(after, null))).toBe('theme=dark')
  })

  test('is for this host and https alone where there is https', () => {
    const [line] = createSessionCookie({ isHttps: true }).write(null, session)
    expect(line).toMatch(/^__Host-finetunelab-session=/)
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(line).toContain(part)
    expect(line).not.toMatch(/Domain/i)
  })

  test('holds nothing when what it holds is no session', async () => {
    const wrong = ['x', Buffer.from('{"access_token":""}').toString('base64url'), '%E0%A4%A']
    for (const value of wrong) expect(await cookie.read(`finetunelab-session=${value}`)).toBeNull()
    expect(await cookie.read(null)).toBeNull()
  })
})
