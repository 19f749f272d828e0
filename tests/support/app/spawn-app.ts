import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serverEnvironment, serverOptions } from '../../../scripts/node-options.mjs'
import { prepareDatabase } from '../postgres/prepared-database.ts'
import { nodeEnvironment } from './node-environment.ts'

export interface AppProcess {
  url: string
  pid: number
  /** `kill -9`, as a crash: nothing is cleaned up. Resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

const webProgram = join(import.meta.dirname, 'run-app.ts')
const workerProgram = join(import.meta.dirname, '../../../worker/main.ts')

/** Starts the application as a process, with these settings; resolves when it answers. */
export function spawnApp(settings: Record<string, string>): Promise<AppProcess> {
  return spawnProcess([webProgram], /^ready (\S+)$/, settings)
}

/** Starts one or the other with launchers that keep no pace. */
export function spawnQuick(kind: 'web' | 'worker', settings: Record<string, string>): Promise<AppProcess> {
  return spawnProcess([webProgram, kind, 'quick'], /^ready (\S+)$/, settings)
}

/** Starts the background process, which has no address; resolves when it works. */
export function spawnWorker(settings: Record<string, string>): Promise<AppProcess> {
  return spawnProcess([workerProgram], /^FineTune Lab worker (ready)$/, settings)
}

async function spawnProcess(
  program: string[],
  ready: RegExp,
  settings: Record<string, string>,
): Promise<AppProcess> {
  if (settings.DATA_DIR && !settings.DATABASE_URL) await prepareDatabase(settings.DATA_DIR)
  const child = spawn(process.execPath, [...serverOptions, ...program], {
    env: {
      ...nodeEnvironment,
      ...serverEnvironment,
      HOME: process.env.HOME,
      PORT: '0',
      LOG_LEVEL: 'warn',
      WORKERS: '2',
      ...settings,
    } as never,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await readyLine(child, ready)
  return {
    url,
    pid: child.pid!,
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await exited
    },
  }
}

/** What the first group of `ready` matches. */
function readyLine(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
    })
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const match = ready.exec(line)
      if (match) resolve(match[1]!)
      else said = `${said}\n${line}`.slice(-4000)
    })
    child.once('exit', (code) => reject(new Error(`The application ended with ${code}: ${said}`)))
  })
}
