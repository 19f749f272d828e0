/** A browser's part in a session: it keeps the cookies that it is given, and sends them with its own origin. */
export class BrowserSession {
  readonly #url: string
  readonly cookies = new Map<string, string>()
  /** The `Set-Cookie` lines of the last answer. */
  lastSetCookies: string[] = []

  constructor(url: string) {
    this.#url = url
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${this.#url}${path}`, {
      ...init,
      headers: {
        origin: this.#url,
        ...(cookie ? { cookie } : {}),
        ...(init.headers as Record<string, string>),
      },
    })
    this.lastSetCookies = answer.headers.getSetCookie()
    for (const line of this.lastSetCookies) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (/max-age=0/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  }

  async user(): Promise<{ id: string; email: string; name: string } | null> {
    const answer = await this.fetch('/api/session')
    if (!answer.ok) throw new Error(`No session answer: ${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { user: { id: string; email: string; name: string } | null }).user
  }
}
