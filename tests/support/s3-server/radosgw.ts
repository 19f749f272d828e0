import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cephConf } from './ceph-conf.ts'
import { type RadosgwPrograms, unpackedRadosgw } from './radosgw-packages.ts'
import { makeS3Key, type S3User } from './s3-user.ts'

const run = promisify(execFile)

export interface RadosgwAdmin {
  createUser(name: string): Promise<S3User>
  limitUser(name: string, bytes: number): Promise<void>
}

export interface Radosgw extends RadosgwAdmin {
  endpoint: string
  /** Everything it has; who knows it can administer the server. */
  dir: string
  close(): Promise<void>
}

const storeBytes = 6 * 1024 ** 3

/** Starts Ceph's S3 gateway over a store in memory, on free ports of loopback. Ready in about ten seconds. */
export async function startRadosgw(): Promise<Radosgw> {
  const programs = await unpackedRadosgw()
  const dir = await mkdtemp(join(tmpdir(), 'finetunelab-s3-'))
  const daemons: ChildProcess[] = []
  const close = async () => {
    for (const daemon of daemons.reverse()) await stopped(daemon)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const [monitorPort, gatewayPort] = await freePorts()
    for (const name of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(dir, name))
    const ceph = new Commands(programs, dir)
    const fsid = crypto.randomUUID()
    await writeFile(
      ceph.conf,
      cephConf({ dir, libraries: programs.libraries, fsid, monitorPort, gatewayPort, storeBytes }),
    )

    const map = join(dir, 'monmap')
    await ceph.run('monmaptool', [
      '--create',
      '--addv',
      'a',
      `[v1:127.0.0.1:${monitorPort}]`,
      '--fsid',
      fsid,
      map,
    ])
    await ceph.run('ceph-mon', ['-c', ceph.conf, '--mkfs', '-i', 'a', '--monmap', map])
    daemons.push(await ceph.daemon('ceph-mon', ['-i', 'a', '-f']))
    await until('the monitor', async () => (await ceph.admin('status')).includes('mon: 1'))

    await ceph.admin('osd', 'create')
    await ceph.run('ceph-osd', ['-c', ceph.conf, '-i', '0', '--mkfs', '--osd-uuid', crypto.randomUUID()])
    await ceph.admin('osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost')
    daemons.push(await ceph.daemon('ceph-osd', ['-i', '0', '-f']))
    await until('the store', async () => (await ceph.admin('osd', 'stat')).includes('1 up'))

    daemons.push(await ceph.daemon('radosgw', ['-n', 'client.rgw', '-f']))
    await until('the gateway', () => accepts(gatewayPort))
    return { endpoint: `http://127.0.0.1:${gatewayPort}`, dir, ...adminOf(ceph), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Administers a server that another process started. */
export async function administerRadosgw(dir: string): Promise<RadosgwAdmin> {
  return adminOf(new Commands(await unpackedRadosgw(), dir))
}

const adminOf = (ceph: Commands): RadosgwAdmin => ({
  createUser: (name) => ceph.createUser(name),
  limitUser: (name, bytes) => ceph.limitUser(name, bytes),
})

class Commands {
  readonly conf: string
  readonly #programs: RadosgwPrograms
  readonly #dir: string

  constructor(programs: RadosgwPrograms, dir: string) {
    this.#programs = programs
    this.#dir = dir
    this.conf = join(dir, 'ceph.conf')
  }

  async run(program: string, args: string[]): Promise<string> {
    const { stdout } = await run(program, args, { cwd: this.#dir, env: this.#programs.env, timeout: 60_000 })
    return stdout
  }

  /** `ceph` itself is a Python program whose bindings need the distribution's own interpreter. */
  admin(...args: string[]): Promise<string> {
    const ceph = join(this.#programs.root, 'usr/bin/ceph')
    return this.run('/usr/bin/python3', [ceph, '-c', this.conf, '--connect-timeout', '20', ...args])
  }

  async daemon(program: string, args: string[]): Promise<ChildProcess> {
    await using log = await open(join(this.#dir, 'log', `${program}.out`), 'a')
    return spawn(program, ['-c', this.conf, ...args], {
      cwd: this.#dir,
      env: this.#programs.env,
      stdio: ['ignore', log.fd, log.fd],
    })
  }

  async createUser(name: string): Promise<S3User> {
    const user = makeS3Key('FTLAB')
    const keys = ['--access-key', user.accessKeyId, '--secret-key', user.secretAccessKey]
    await this.#userAdmin('user', 'create', '--uid', name, '--display-name', name, ...keys)
    return user
  }

  async limitUser(name: string, bytes: number): Promise<void> {
    const quota = ['--quota-scope=user', '--uid', name]
    await this.#userAdmin('quota', 'set', ...quota, '--max-size', String(bytes))
    await this.#userAdmin('quota', 'enable', ...quota)
  }

  #userAdmin(...args: string[]): Promise<string> {
    return this.run('radosgw-admin', ['-c', this.conf, ...args])
  }
}

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await ready().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} of the S3 server did not come up`)
    await wait(100)
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), 3000)
  await exit
  clearTimeout(kill)
}

/** Two ports that nobody listened on a moment ago; both held until both are known, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([listening(), listening()])
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [ports[0]!, ports[1]!]
}

function listening(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy(resolve(true) as undefined))
    socket.once('error', () => resolve(false))
  })
}
