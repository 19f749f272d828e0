import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabaseUrl } from '../postgres/database-kinds.ts'
import { openFrontDoor } from './front-door.ts'
import { type AppProcess, spawnApp, spawnQuick, spawnWorker } from './spawn-app.ts'
import { ownerToken } from './start-app.ts'

export interface ManyProcesses {
  /** Leads to whichever web process answers. */
  url: string
  databaseUrl: string
  webs: AppProcess[]
  workers: AppProcess[]
  /** Kills, as crashes do, the web process and the worker with this number. */
  kill(number: number): Promise<void>
  /** Starts what was killed. */
  restart(number: number): Promise<void>
  /** `fetch` with the owner's token, at one web process, or at whichever answers. */
  asOwner(path: string, init?: RequestInit, web?: number): Promise<Response>
  close(): Promise<void>
}

export interface ManyOptions {
  /** How many web processes, and how many workers: two of each where not told. */
  ofEach?: number
  /** With launchers that keep no pace. */
  quick?: boolean
}

/** Web processes and workers on one PostgreSQL and one data folder, behind one address. */
export async function startMany(
  more: Record<string, string>,
  { ofEach = 2, quick = false }: ManyOptions = {},
): Promise<ManyProcesses> {
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-many-'))
  const door = await openFrontDoor()
  const databaseUrl = await freshDatabaseUrl()
  const settings = {
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    OWNER_TOKEN: ownerToken,
    APP_BASE_URL: door.url,
    ...more,
  }
  const startWeb = () => (quick ? spawnQuick('web', settings) : spawnApp(settings))
  const startWorker = () => (quick ? spawnQuick('worker', settings) : spawnWorker(settings))
  const each = <T>(start: () => Promise<T>) => Promise.all(Array.from({ length: ofEach }, start))
  // All at once: which of them migrates is theirs to agree on.
  const [webs, workers] = await Promise.all([each(startWeb), each(startWorker)])
  const openDoor = () => door.leadTo(...webs.map(({ url }) => url))
  openDoor()
  return {
    url: door.url,
    databaseUrl,
    webs,
    workers,
    async kill(number) {
      await Promise.all([webs[number]!.kill(), workers[number]!.kill()])
    },
    async restart(number) {
      const [web, worker] = await Promise.all([startWeb(), startWorker()])
      webs[number] = web
      workers[number] = worker
      openDoor()
    },
    asOwner: (path, init, web) =>
      fetch(`${web === undefined ? door.url : webs[web]!.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${ownerToken}`, ...(init?.headers as Record<string, string>) },
      }),
    async close() {
      await Promise.all([...webs, ...workers].map((one) => one.kill()))
      await door.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
