import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { nodeEnvironment } from '#tests/support/app/node-environment.ts'
import { prepareDatabase } from '#tests/support/postgres/prepared-database.ts'
import { serverEnvironment, serverOptions } from '../../../scripts/node-options.mjs'

export interface Application {
  url: string
  dataDir: string
  /** An API token of the owner, who exists from the start but has no password yet. */
  token: string
  stop(): Promise<void>
}

const token = 'owner-token-of-the-browser-tests'

/** The built application as `npm start` runs it, on a port, a folder and an embedded database of its own. */
export async function startApplication(settings: Record<string, string> = {}): Promise<Application> {
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-e2e-'))
  await prepareDatabase(dataDir)
  const child = spawn(process.execPath, [...serverOptions, 'web/main.ts'], {
    env: {
      ...nodeEnvironment,
      ...serverEnvironment,
      HOME: process.env.HOME,
      NEXT_TELEMETRY_DISABLED: '1',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
      PORT: '0',
      OWNER_TOKEN: token,
      ...settings,
    } as never,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // A start that takes too long is given up without a word to this function; the process must not outlive it.
  process.once('exit', () => child.kill('SIGKILL'))
  const url = await readyUrl(child)
  return {
    url,
    dataDir,
    token,
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(dataDir, { recursive: true, force: true })
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
      const match = /^FineTune Lab ready at (\S+)$/.exec(line)
      if (match) resolve(match[1]!)
      else said = `${said}\n${line}`.slice(-4000)
    })
    child.once('exit', (code) => reject(new Error(`The application ended with ${code}: ${said}`)))
  })
}
