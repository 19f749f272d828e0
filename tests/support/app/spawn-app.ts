import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface AppProcess {
  url: string
  pid: number
  /** `kill -9`, as a crash: nothing is cleaned up. Resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

const program = join(import.meta.dirname, 'run-app.ts')

/** Starts the application as a process, with these settings; resolves when it answers. */
export async function spawnApp(settings: Record<string, string>): Promise<AppProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      LOG_LEVEL: 'warn',
      WORKERS: '2',
      ...settings,
    } as never,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await readyUrl(child)
  return {
    url,
    pid: child.pid!,
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await exited
    },
  }
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
    })
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const match = /^ready (\S+)$/.exec(line)
      if (match) resolve(match[1]!)
      else said = `${said}\n${line}`.slice(-4000)
    })
    child.once('exit', (code) => reject(new Error(`The application ended with ${code}: ${said}`)))
  })
}
