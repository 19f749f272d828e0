import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthApi, createAuthApi } from './auth-api.ts'
import { type GatewayKeys, passGateway } from './gateway.ts'
import { ObjectTable } from './object-table.ts'
import { answerRest } from './rest-api.ts'
import { resumableApi } from './resumable-api.ts'
import { createSigningKeys, type SigningKeys, type SigningMode } from './signing-keys.ts'
import { type Caller, projectTokens } from './tokens.ts'

export interface SupabaseProject {
  url: string
  anonKey: string
  serviceRoleKey: string
  jwtSecret: string
  close(): Promise<void>
}

export interface SupabaseDouble extends SupabaseProject, GatewayKeys {
  /** Forgets every upload that is under way, as the real server does after an hour. */
  forgetSessions(): Promise<void>
  auth: AuthApi
  signingKeys: SigningKeys
  objects: ObjectTable
  /** As whom each request to Storage came. */
  storageCallers: Caller[]
  /** Answers 503 to everything, as a project that is paused. */
  isPaused: boolean
}

/**
 * Stands in for a Supabase project's gateway, Auth and Storage, with their unkind ways: Storage has statuses in the body,
 * rows that are hidden rather than refused, removals that say nothing, early refusals that close the socket; Auth has
 * refresh tokens that are good once. Objects are files in a temporary folder. The bucket `training-datasets` exists.
 */
export async function startSupabaseDouble(
  options: { port?: number; signing?: SigningMode } = {},
): Promise<SupabaseDouble> {
  const dir = await mkdtemp(join(tmpdir(), 'finetunelab-supabase-'))
  const jwtSecret = `${crypto.randomUUID()}${crypto.randomUUID()}`
  const signingKeys = await createSigningKeys(jwtSecret, options.signing ?? 'ES256')
  const storageCallers: Caller[] = []
  const tokens = projectTokens(jwtSecret, signingKeys, (caller) => storageCallers.push(caller))
  const objects = new ObjectTable(join(dir, 'objects'))
  objects.buckets.set('training-datasets', { id: 'training-datasets', objectBytesMax: null, mimeTypes: null })
  const resumablePath = '/storage/v1/upload/resumable'
  const resumable = resumableApi({ path: resumablePath, dir: join(dir, 'uploads'), objects, tokens })
  const auth = createAuthApi({ baseUrl: () => double.url, keys: signingKeys })
  const gatewayKeys: GatewayKeys = {
    anonKey: await tokens.apiKey('anon'),
    serviceRoleKey: await tokens.apiKey('service_role'),
    publishableKey: `sb_publishable_${crypto.randomUUID()}`,
    secretKey: `sb_secret_${crypto.randomUUID()}`,
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    request.on('error', () => {})
    if (double.isPaused) return void response.writeHead(503).end('{"message":"paused"}')
    if (!passGateway(request, response, gatewayKeys)) return
    Promise.resolve(answer(request, response, url)).catch(() => response.destroy())
  })
  const answer = (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const { pathname } = url
    if (pathname.startsWith('/auth/v1/'))
      return auth.answer(request, response, url, pathname.replace('/auth/v1', ''))
    if (pathname.startsWith(resumablePath)) return resumable.server.handle(request, response)
    return answerRest({ request, response, url, objects, tokens }, pathname.replace('/storage/v1', ''))
  }
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))

  const double: SupabaseDouble = {
    ...gatewayKeys,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jwtSecret,
    forgetSessions: resumable.forgetSessions,
    auth,
    signingKeys,
    objects,
    storageCallers,
    isPaused: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(dir, { recursive: true, force: true })
    },
  }
  return double
}
