import type { BrowserContextOptions } from '@playwright/test'

export const owner = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'correct horse battery' }

type StorageState = Exclude<NonNullable<BrowserContextOptions['storageState']>, string>

/** Gives the owner a password, and the cookies of a session. */
export async function signInOwner(url: string): Promise<StorageState> {
  const answer = await fetch(`${url}/api/owner`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(owner),
  })
  if (!answer.ok) throw new Error(`The owner was not made: ${answer.status} ${await answer.text()}`)
  const cookies = answer.headers.getSetCookie().map((line) => {
    const [pair = ''] = line.split(';')
    const equals = pair.indexOf('=')
    return {
      name: pair.slice(0, equals),
      value: decodeURIComponent(pair.slice(equals + 1)),
      domain: new URL(url).hostname,
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: 'Lax' as const,
    }
  })
  return { cookies, origins: [] }
}
