import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/*
 * A server takes some ten seconds of processor to start, so all test files of a run share one. Whoever needs it first
 * starts it; it ends with its folder or with the process that made the folder.
 *   <folder>/runner       id of the process whose run it is
 *   <folder>/starting/    somebody starts it
 *   <folder>/server.json  how to reach it
 *   <folder>/log          what it says
 */
const variable = 'TEST_S3_SHARED_FOLDER'
const program = join(import.meta.dirname, 'run-s3-server.ts')
/** Three tries, each with a download and a minute for each daemon, on a machine that is busy. */
const startSeconds = 300

/** Lets every process that this one starts share a server, until what is answered is called. */
export async function shareServer(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-s3-shared-'))
  await writeFile(join(folder, 'runner'), String(process.pid))
  process.env[variable] = folder
  return () => rm(folder, { recursive: true, force: true })
}

/** What the server of this run had to say when it was ready: each thing that tests cannot check against it. */
export async function wordsOfSharedServer(): Promise<string> {
  await sharedServer()
  const folder = process.env[variable]
  return folder ? readFile(join(folder, 'log'), 'utf8') : ''
}

/** What was published of the server of this run; null where there is no such run. */
export async function sharedServer(): Promise<unknown> {
  const folder = process.env[variable]
  if (!folder) return null
  const isFirst = await mkdir(join(folder, 'starting')).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    const { [variable]: _, ...env } = process.env
    await using log = await open(join(folder, 'log'), 'a')
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], {
      env,
      detached: true,
      // Not this process's own: whoever reads that would wait for the server to end.
      stdio: ['ignore', log.fd, log.fd],
    }).unref()
  }
  for (let waited = 0; waited < startSeconds; waited += 0.1) {
    const text = await readFile(join(folder, 'server.json'), 'utf8').catch(() => null)
    if (text) return JSON.parse(text)
    await wait(100)
  }
  throw new Error(`The S3 server of this run did not start within ${startSeconds} s`)
}

/** Tells the others of a run how to reach the server. */
export async function publishServer(folder: string, server: unknown): Promise<void> {
  const draft = join(folder, 'server.json.part')
  await writeFile(draft, JSON.stringify(server), { mode: 0o600 })
  await rename(draft, join(folder, 'server.json'))
}

/** Resolves when nobody can want the server any more. */
export async function runEnded(folder: string): Promise<void> {
  while (true) {
    const runner = await readFile(join(folder, 'runner'), 'utf8').catch(() => null)
    if (runner === null || !isAlive(Number(runner))) return
    await wait(1000)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
