/** Where calls go, and as whom. The browser sends its session cookie; everything else a token. */
export interface ApiConnection {
  /** Without a slash at its end; empty for the page's own origin. */
  baseUrl: string
  token?: string
  fetch?: typeof fetch
}

export type QueryValue = string | number | boolean | null | undefined

/** Leaves out what is absent or empty. */
export function apiUrl(api: ApiConnection, path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return `${api.baseUrl}${path}${text ? `?${text}` : ''}`
}

export function apiHeaders(api: ApiConnection, more: Record<string, string> = {}): Record<string, string> {
  return {
    accept: 'application/json',
    ...(api.token ? { authorization: `Bearer ${api.token}` } : {}),
    ...more,
  }
}
