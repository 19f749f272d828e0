import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

export interface PostgresServer {
  /** Of a superuser, on the database `postgres`. */
  url: string
  close(): Promise<void>
}

const isRoot = process.getuid?.() === 0
const oldestVersion = 15

/**
 * The PostgreSQL that tests run against: the one that `TEST_DATABASE_URL` names, else a cluster of its own in a
 * temporary folder, from the distribution's programs (installed here where that is Debian and we are root).
 * Rejects with the reason where neither is to be had. `durable`: it syncs what it commits, as one that is in use does.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const external = process.env.TEST_DATABASE_URL
  if (external) return { url: external, close: async () => {} }
  const programs = findPrograms() ?? (await installPrograms())
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  const port = await freePort()
  // PostgreSQL refuses to run as root; Debian's package brings a user for it.
  const asServer = (program: string, args: string[]): [string, string[]] =>
    isRoot
      ? ['runuser', ['-u', 'postgres', '--', join(programs, program), ...args]]
      : [join(programs, program), args]
  const data = join(folder, 'data')
  if (isRoot) await run('chown', ['postgres', folder])
  await chmod(folder, 0o700)
  await run(...asServer('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']), {
    cwd: '/',
  })
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '200',
    // A test's database is not worth a sync.
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(...asServer('postgres', ['-D', data, ...options]), { cwd: '/', stdio: 'ignore' })
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const close = async () => {
    await run(...asServer('pg_ctl', ['stop', '-D', data, '-m', 'immediate']), { cwd: '/' }).catch(() =>
      server.kill('SIGKILL'),
    )
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(url, exited)
  } catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

/** A new database on a server, so that suites do not see each other; answers its address. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

function findPrograms(): string | null {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return null
  const newest = readdirSync(base)
    .map(Number)
    .filter((version) => version >= oldestVersion && existsSync(join(base, String(version), 'bin/initdb')))
    .sort((a, b) => b - a)[0]
  return newest === undefined ? null : join(base, String(newest), 'bin')
}

async function installPrograms(): Promise<string> {
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    throw new Error('there is no PostgreSQL 15 or newer here; install one, or set TEST_DATABASE_URL')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], { env })
  const programs = findPrograms()
  if (programs) return programs
  throw new Error(`the distribution's PostgreSQL is older than ${oldestVersion}; set TEST_DATABASE_URL`)
}

async function untilReady(url: string, exited: Promise<void>): Promise<void> {
  let gone = false
  void exited.then(() => {
    gone = true
  })
  const deadline = Date.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (gone) throw new Error('PostgreSQL ended as soon as it was started', { cause: error })
      if (Date.now() > deadline) throw error
      await wait(50)
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
