/** One request of a launcher, for people to read. */
export interface SentRequest {
  method: string
  path: string
  body: unknown
}

const longCharactersMax = 60

/**
 * A list of requests without anything that opens something: what is in `secrets` is taken out, links lose their query,
 * and long texts (the bootstrap, the runner) are told by their length.
 */
export function requestLog(requests: readonly SentRequest[], secrets: readonly string[]): string {
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const redacted = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const plain = clean(value).replace(/(https?:\/\/[^\s?]+)\?\S+/g, '$1?***')
      return plain.length > longCharactersMax ? `<${plain.length} characters>` : plain
    }
    if (Array.isArray(value)) return value.map(redacted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redacted(part)]))
  }
  return requests
    .map(({ method, path, body }) => {
      const text = body === undefined ? '' : `\n${JSON.stringify(redacted(body), null, 2)}`
      return `${method} ${clean(path)}${text.replaceAll('\n', '\n  ')}`
    })
    .join('\n')
}
