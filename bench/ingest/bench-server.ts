import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AppProcess, spawnApp } from '#tests/support/app/spawn-app.ts'
import type { LaneFigures } from './figures.ts'
import { runProcess } from './run-process.ts'
import { type MemorySample, watchProcess } from './watch-process.ts'

const postProgram = fileURLToPath(new URL('./post-lane.ts', import.meta.url))
const cliProgram = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const token = 'owner-token-of-the-benchmark'

export interface Uploaded {
  figures: LaneFigures
  datasetId: string
  storedFile: string
  /** Resident memory of the server over that at idle, over time. */
  memory: MemorySample[]
}

/** The application in a process of its own with an embedded database and the local store, and clients for it. */
export class BenchServer {
  private readonly app: AppProcess
  private readonly folder: string

  private constructor(app: AppProcess, folder: string) {
    this.app = app
    this.folder = folder
  }

  static async start(): Promise<BenchServer> {
    const folder = await mkdtemp(join(tmpdir(), 'finetunelab-bench-'))
    const app = await spawnApp({
      DATA_DIR: join(folder, 'data'),
      OWNER_TOKEN: token,
      WORKERS: String(availableParallelism()),
    })
    const server = new BenchServer(app, folder)
    // The first request opens what is opened on demand, so that idle means idle.
    await server.get('/api/training/dataset')
    return server
  }

  /** One POST of a form, the file so many times over. */
  post(file: string, times = 1): Promise<Uploaded> {
    return this.upload([process.execPath, postProgram, this.app.url, token, file, String(times)])
  }

  /** `finetunelab datasets push`: the tus protocol, resumable. */
  push(file: string): Promise<Uploaded> {
    const environment = [`FINETUNELAB_URL=${this.app.url}`, `FINETUNELAB_TOKEN=${token}`]
    const command = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      cliProgram,
      'datasets',
      'push',
    ]
    return this.upload(['env', ...environment, ...command, '--json', file])
  }

  async get(path: string): Promise<{ milliseconds: number; body: unknown }> {
    const start = performance.now()
    const answer = await fetch(`${this.app.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const body = await answer.json()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`)
    return { milliseconds: performance.now() - start, body }
  }

  async close(): Promise<void> {
    await this.app.kill('SIGTERM')
    await rm(this.folder, { recursive: true, force: true })
  }

  private async upload(client: string[]): Promise<Uploaded> {
    const said = join(this.folder, 'said')
    const watch = await watchProcess(this.app.pid)
    const { seconds, cpuSeconds } = await runProcess(client, said)
    const { samples, cpuSeconds: serverCpuSeconds } = await watch.stop()
    const answer = await readFile(said, 'utf8')
    const datasetId = /[0-9a-f-]{36}/.exec(answer)![0]
    const { body } = await this.get(`/api/training/dataset/${datasetId}`)
    const dataset = body as { file_size_bytes: number; storage_path: string }
    const figures: LaneFigures = {
      seconds,
      cpuSeconds: cpuSeconds + serverCpuSeconds,
      storedBytes: dataset.file_size_bytes,
      peakOverIdleBytes: Math.max(...samples.map(({ bytesOverIdle }) => bytesOverIdle)),
    }
    const storedFile = join(this.folder, 'data', 'datasets', dataset.storage_path)
    return { figures, datasetId, storedFile, memory: samples }
  }
}
