import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '#lib/config/settings.ts'
import { type RuntimeOptions, startRuntime } from '#lib/runtime.ts'
import type { Services } from '#lib/services.ts'
import { serveEndpoints } from '#web/endpoint-server.ts'
import { type DatabaseKind, freshDatabaseUrl } from '../postgres/database-kinds.ts'
import { prepareDatabase } from '../postgres/prepared-database.ts'

export interface TestApp {
  url: string
  services: Services
  dataDir: string
  /** OWNER_TOKEN: an API token of the owner. */
  ownerToken: string
  /** `fetch` with the owner's token, on a path of this application. */
  asOwner(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export interface TestAppOptions {
  /** `embedded` where absent. */
  database?: DatabaseKind
  /** Environment variables over the defaults for tests. */
  settings?: Record<string, string>
  /** Keeps and reuses this folder, as a restart would. */
  dataDir?: string
  makeLaunchers?: RuntimeOptions['makeLaunchers']
}

export const ownerToken = 'owner-token-of-the-tests'

/** The real runtime on a database and a folder of its own, with the endpoint table over HTTP on a free port. */
export async function startApp({
  database = 'embedded',
  settings: more,
  dataDir,
  makeLaunchers,
}: TestAppOptions = {}): Promise<TestApp> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'finetunelab-app-')))
  const settings = readSettings({
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'silent',
    WORKERS: '2',
    OWNER_TOKEN: ownerToken,
    ...(database === 'postgres' && !more?.DATABASE_URL ? { DATABASE_URL: await freshDatabaseUrl() } : {}),
    ...more,
  })
  if (!settings.DATABASE_URL) await prepareDatabase(folder)
  // Listening comes first: what the runtime starts may want to know the port.
  let services: Services | undefined
  const server = await serveEndpoints(() => {
    if (!services) throw new Error('The application is still starting')
    return services
  })
  settings.PORT = server.port
  const runtime = await startRuntime(settings, 'web', makeLaunchers ? { makeLaunchers } : {}).catch(
    async (error: unknown) => {
      await server.close()
      throw error
    },
  )
  services = runtime.services
  const url = `http://127.0.0.1:${server.port}`
  return {
    url,
    services: runtime.services,
    dataDir: folder,
    ownerToken,
    asOwner: (path, init) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${ownerToken}`, ...(init?.headers as Record<string, string>) },
      }),
    async close() {
      await server.close()
      await runtime.close()
      if (!dataDir) await rm(folder, { recursive: true, force: true })
    },
  }
}
