import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

export interface ContainerOptions {
  command: readonly string[]
  environment: Record<string, string>
  /** Paths of the image that stand for this container's own disk: each becomes a folder of its own. */
  mountPath?: string
  /** Start it again whenever it ends, whatever its exit status, as RunPod does. */
  restarts: boolean
  onLine(line: string): void
  onStart(): void
  onEnd(exitStatus: number): void
}

/** Between two starts of a container that ends at once. */
const restartMilliseconds = 100

/**
 * A poor man's container: a process group with nothing of this process's environment but the path, and a folder for its
 * disk, which outlives its restarts.
 */
export class Container {
  readonly #options: ContainerOptions
  readonly #disk = mkdtempSync(join(tmpdir(), 'finetunelab-container-'))
  #child: ChildProcess | undefined
  #isOver = false
  starts = 0

  constructor(options: ContainerOptions) {
    this.#options = options
    this.#run()
  }

  #run(): void {
    const { command, environment, mountPath, onStart, onLine, onEnd } = this.#options
    this.starts++
    const onDisk = (value: string) =>
      mountPath && value.startsWith(`${mountPath}/`) ? join(this.#disk, value.slice(mountPath.length)) : value
    const child = spawn(command[0]!, command.slice(1), {
      cwd: this.#disk,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        TMPDIR: this.#disk,
        ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, onDisk(value)])),
      } as unknown as NodeJS.ProcessEnv,
    })
    this.#child = child
    onStart()
    for (const stream of [child.stdout!, child.stderr!]) createInterface(stream).on('line', onLine)
    child.once('error', (error) => onLine(`exec failed: ${error.message}`))
    child.once('close', async (status) => {
      if (this.#isOver) return
      onEnd(status ?? 137)
      if (!this.#options.restarts) return
      await wait(restartMilliseconds)
      if (!this.#isOver) this.#run()
    })
  }

  /** SIGKILL to all of it; its disk goes with it. */
  async remove(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const child = this.#child
    if (child?.pid) {
      const isRunning = child.exitCode === null && child.signalCode === null
      const ended = isRunning ? new Promise((resolve) => child.once('close', resolve)) : null
      try {
        // What it left in the background dies with it.
        process.kill(-child.pid, 'SIGKILL')
        await ended
      } catch {
        // Nothing of it was left.
      }
    }
    rmSync(this.#disk, { recursive: true, force: true })
  }
}

/** Splits a command line as a POSIX shell splits words: quotes and backslashes, no expansion. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  const pattern = /\s+|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)/gs
  for (const [, word] of line.matchAll(pattern)) {
    if (word === undefined) continue
    words.push(
      word.replaceAll(
        /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs,
        (_, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
      ),
    )
  }
  return words
}
