import type { Endpoint } from '../endpoint.ts'
import * as accounts from './accounts.ts'
import * as datasets from './datasets.ts'
import * as health from './health.ts'
import * as jobs from './jobs.ts'
import { openApiEndpoint } from './openapi.ts'
import * as secrets from './secrets.ts'
import * as training from './training.ts'
import * as uploads from './uploads.ts'

/** The whole HTTP contract. Route handlers, the OpenAPI document and its tests are made from this list. */
export const endpoints: readonly Endpoint[] = [
  ...[datasets, uploads, training, jobs, secrets, accounts, health]
    .flatMap((area) => Object.values(area))
    .flat(),
  openApiEndpoint(() => endpoints),
]

const byRoute = new Map(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint]))

export function findEndpoint(method: string, path: string): Endpoint | undefined {
  return byRoute.get(`${method} ${path}`)
}
