import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectTable } from './object-table.ts'
import { answerRest } from './rest-api.ts'
import { resumableApi } from './resumable-api.ts'
import { projectTokens } from './tokens.ts'

export interface SupabaseProject {
  url: string
  anonKey: string
  serviceRoleKey: string
  jwtSecret: string
  close(): Promise<void>
}

export interface SupabaseDouble extends SupabaseProject {
  /** Forgets every upload that is under way, as the real server does after an hour. */
  forgetSessions(): Promise<void>
}

/**
 * Stands in for a Supabase project's storage service, with its unkind ways: statuses in the body, rows that are hidden
 * rather than refused, removals that say nothing, early refusals that close the socket. Objects are files in a
 * temporary folder. The bucket `training-datasets` exists.
 */
export async function startSupabaseDouble(options: { port?: number } = {}): Promise<SupabaseDouble> {
  const dir = await mkdtemp(join(tmpdir(), 'finetunelab-supabase-'))
  const jwtSecret = `${crypto.randomUUID()}${crypto.randomUUID()}`
  const tokens = projectTokens(jwtSecret)
  const objects = new ObjectTable(join(dir, 'objects'))
  objects.buckets.set('training-datasets', { id: 'training-datasets', objectBytesMax: null, mimeTypes: null })
  const resumablePath = '/storage/v1/upload/resumable'
  const resumable = resumableApi({ path: resumablePath, dir: join(dir, 'uploads'), objects, tokens })

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    request.on('error', () => {})
    const answered = url.pathname.startsWith(resumablePath)
      ? resumable.server.handle(request, response)
      : answerRest({ request, response, url, objects, tokens }, url.pathname.replace('/storage/v1', ''))
    Promise.resolve(answered).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    anonKey: await tokens.apiKey('anon'),
    serviceRoleKey: await tokens.apiKey('service_role'),
    jwtSecret,
    forgetSessions: resumable.forgetSessions,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(dir, { recursive: true, force: true })
    },
  }
}
