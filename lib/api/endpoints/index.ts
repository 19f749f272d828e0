import type { Endpoint } from '../endpoint.ts'
import * as accounts from './accounts.ts'
import * as artifacts from './artifacts.ts'
import * as datasets from './datasets.ts'
import * as estimates from './estimates.ts'
import * as health from './health.ts'
import * as jobs from './jobs.ts'
import * as metrics from './metrics.ts'
import * as notebooks from './notebooks.ts'
import { openApiEndpoint } from './openapi.ts'
import * as operator from './operator.ts'
import * as problems from './problems.ts'
import * as runner from './runner.ts'
import * as secrets from './secrets.ts'
import * as storage from './storage.ts'
import * as training from './training.ts'
import * as uploads from './uploads.ts'

/** The whole HTTP contract. Route handlers, the OpenAPI document and its tests are made from this list. */
export const endpoints: readonly Endpoint[] = [
  ...[
    datasets,
    uploads,
    problems,
    training,
    jobs,
    artifacts,
    estimates,
    notebooks,
    runner,
    secrets,
    storage,
    accounts,
    operator,
    health,
    metrics,
  ]
    .flatMap((area) => Object.values(area))
    .flat(),
  openApiEndpoint(() => endpoints),
]

const byRoute = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]))

/** The endpoint of a route's handler; a HEAD that has none is a GET whose body nobody wants. Throws for a route that is not in the table. */
export function findEndpoint(method: string, path: string): Endpoint {
  const found =
    byRoute.get(`${method} ${path}`) ?? (method === 'HEAD' ? byRoute.get(`GET ${path}`) : undefined)
  if (!found) throw new Error(`No endpoint ${method} ${path}`)
  return found
}
