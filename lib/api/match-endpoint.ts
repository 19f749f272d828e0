import { AppError, notFound } from '#lib/errors/app-error.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints/index.ts'

const routes = endpoints.map((endpoint) => ({
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))
// Fixed segments before parameters, as the router of Next.js has it.
routes.sort(
  (a, b) =>
    Number(a.endpoint.path.includes('{')) - Number(b.endpoint.path.includes('{')) ||
    b.endpoint.path.length - a.endpoint.path.length,
)

/** The endpoint of a request with what stands for its parameters; throws `not_found` or `method_not_allowed`. */
export function matchEndpoint(
  method: string,
  pathname: string,
): { endpoint: Endpoint; params: Record<string, string> } {
  const here = routes.flatMap(({ endpoint, pattern }) => {
    const match = pattern.exec(pathname)
    return match ? [{ endpoint, params: { ...match.groups } }] : []
  })
  const withMethod = (wanted: string) => here.find(({ endpoint }) => endpoint.method === wanted)
  const found = withMethod(method) ?? (method === 'HEAD' ? withMethod('GET') : undefined)
  if (found) return found
  if (here.length === 0)
    throw notFound('no_such_endpoint', 'There is no such endpoint', 'The contract is at /docs/api.')
  const allowed = [...new Set(here.map(({ endpoint }) => endpoint.method))].sort().join(', ')
  throw new AppError('invalid', {
    code: 'method_not_allowed',
    message: `${method} is not possible here`,
    details: `Use ${allowed}.`,
  })
}
