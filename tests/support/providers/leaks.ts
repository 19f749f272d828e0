import type { SeenRequest } from './provider-server.ts'

/** What opens a provider's account, and where in a request it may be: its own Authorization header, nowhere else. */
export interface ProviderKey {
  api_key: string
  metadata?: unknown
}

const ownHeader = (key: string) =>
  new RegExp(`^(Bearer ${escaped(key)}|AWS4-HMAC-SHA256 Credential=${escaped(key)}/.*)$`)
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * Where a request that was sent to a provider has something in it that opens anything: one of `secrets`, or the
 * provider's own key anywhere but in its header. Base64 is looked into. Each leak by its request, never by its value.
 */
export function leaksIn(
  seen: readonly SeenRequest[],
  { key, secrets }: { key: ProviderKey; secrets: readonly string[] },
): string[] {
  const forbidden = [key.api_key, ...secretsIn(key.metadata), ...secrets].filter(
    (secret) => secret.length > 0,
  )
  const header = ownHeader(key.api_key)
  return seen.flatMap(({ method, path, query, headers, text }) => {
    const { authorization = '', ...others } = headers
    const isOwn = authorization === '' || header.test(authorization)
    const rest = [path, query, JSON.stringify(others), text, isOwn ? '' : authorization].join('\n')
    const unfoldedRest = unfolded(rest).join('\n')
    // Of the header nothing but the key itself is expected.
    const found = forbidden.findIndex(
      (secret, at) => unfoldedRest.includes(secret) || (at > 0 && authorization.includes(secret)),
    )
    return found === -1 ? [] : [`${method} ${path} has secret number ${found} in it`]
  })
}

/** Every text under a name that says that it is one. */
function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    typeof part === 'string' ? (name.includes('secret') ? [part] : []) : secretsIn(part),
  )
}

/** A text, and whatever base64 in it hides, inside out. */
function unfolded(text: string): string[] {
  const hidden = text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? []
  return [text, ...hidden.flatMap((part) => unfolded(Buffer.from(part, 'base64').toString('latin1')))]
}
