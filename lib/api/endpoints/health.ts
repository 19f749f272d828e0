import { sql } from 'kysely'
import { z } from 'zod'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import { endpoint } from '../endpoint.ts'

export const getHealth = endpoint({
  id: 'getHealth',
  method: 'GET',
  path: '/api/health',
  summary: 'Whether the application lives, its database answers, and which stores are set up',
  access: 'public',
  answer: z.object({
    status: z.enum(['ok', 'degraded']),
    database: z.enum(['ok', 'unreachable']),
    stores: z.record(z.string(), z.string()),
  }),
  async handle({ services }) {
    const database = await sql`select 1`.execute(services.db.service).then(
      () => 'ok' as const,
      () => 'unreachable' as const,
    )
    const deploymentOnly = { aws: null }
    const stores = Object.fromEntries(
      storageProviders.map((provider) => [
        provider,
        services.stores.unavailable(provider, deploymentOnly)?.code ?? 'configured',
      ]),
    )
    const body = { status: database === 'ok' ? 'ok' : 'degraded', database, stores }
    return Response.json(body, {
      status: database === 'ok' ? 200 : 503,
      headers: { 'cache-control': 'no-store' },
    })
  },
})
