import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { limit } from '#lib/errors/app-error.ts'
import type { BlockOutcome, BlockTask } from './block-worker.ts'
import type { CountedTokens } from './report/count-tokens.ts'
import type { TokenTask } from './token-worker.ts'

const workerFile = fileURLToPath(new URL('./block-worker.ts', import.meta.url))
const tokenWorkerFile = fileURLToPath(new URL('./token-worker.ts', import.meta.url))
const idleMilliseconds = 10_000
/** A row is garbage as soon as the next one is read: more than fits the processor's cache only takes memory, and time. */
const youngMebibytes = 4

/** One upload's place at the workers. */
export interface Lane {
  run(task: BlockTask): Promise<BlockOutcome>
}

interface Waiting {
  task: BlockTask
  resolve(outcome: Promise<BlockOutcome>): void
}

/**
 * The worker threads, shared by all uploads. Each upload has a lane; a free worker takes the next block of the next
 * lane in turn, so that a small file waits for one block of a large one and never for its queue.
 */
export class WorkerPool {
  readonly workers: number
  private readonly piscina: Piscina
  private readonly lanes: Waiting[][] = []
  private readonly tokenizerFile: string | null
  private running = 0
  private turn = 0

  constructor(workers = availableParallelism(), tokenizerFile: string | null = null) {
    this.tokenizerFile = tokenizerFile
    this.workers = workers
    this.piscina = new Piscina({
      filename: workerFile,
      minThreads: 0,
      maxThreads: workers,
      idleTimeout: idleMilliseconds,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: youngMebibytes },
    })
  }

  lane(): Lane {
    const waiting: Waiting[] = []
    return {
      run: (task) =>
        new Promise((resolve) => {
          if (waiting.length === 0) this.lanes.push(waiting)
          waiting.push({ task, resolve })
          this.dispatch()
        }),
    }
  }

  /** Of a sample of a file; takes a moment and any thread. */
  countTokens(texts: string[]): Promise<CountedTokens> {
    const task: TokenTask = { texts, tokenizerFile: this.tokenizerFile }
    return this.piscina.run(task, { filename: tokenWorkerFile })
  }

  close(): Promise<void> {
    return this.piscina.destroy()
  }

  private dispatch(): void {
    while (this.running < this.workers && this.lanes.length > 0) {
      this.turn %= this.lanes.length
      const lane = this.lanes[this.turn]!
      const { task, resolve } = lane.shift()!
      if (lane.length === 0) this.lanes.splice(this.turn, 1)
      else this.turn++
      resolve(this.work(task))
    }
  }

  private async work(task: BlockTask): Promise<BlockOutcome> {
    this.running++
    try {
      const { buffer } = task.block.bytes
      // Piscina's type of the list is the browser's options object where the DOM library is loaded.
      return await this.piscina.run(task, { transferList: [buffer as ArrayBuffer] as never })
    } catch (error) {
      throw outOfMemory(error) ?? error
    } finally {
      this.running--
      this.dispatch()
    }
  }
}

/** A row of millions of tiny values needs many times its bytes; the thread that ran out has been replaced. */
function outOfMemory(error: unknown): Error | null {
  const { code, message } = error as { code?: string; message?: string }
  if (code !== 'ERR_WORKER_OUT_OF_MEMORY' && !/out of memory|memory limit/i.test(message ?? '')) return null
  const details = 'A row holds so many values that reading it needs more memory than a worker may use.'
  return limit('row_too_complex', 'A row is too complex', details, error)
}
