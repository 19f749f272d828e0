import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { HeldFile } from './held-file.ts'
import { binaryNote, groupTooLarge, parquetError } from './parquet-rows.ts'
import type { FromParquetWorker, ParquetTask, ToParquetWorker } from './parquet-worker.ts'

const workerFile = fileURLToPath(new URL('./parquet-worker.ts', import.meta.url))

export interface ParquetOptions {
  /** Most uncompressed bytes of a row group; one is in memory at a time. */
  groupBytesMax: number
  onNote(note: string): void
}

/**
 * The rows of a Parquet file as lines of JSON, nested columns as lists and objects. Errors: `corrupt` for what is no
 * whole Parquet file, `limit` for a row group that is too large to be held, and whatever `file.read` throws.
 */
export async function* parquetLines(file: HeldFile, options: ParquetOptions): AsyncGenerator<Uint8Array> {
  const { groupBytesMax } = options
  const workerData: ParquetTask = { sizeBytes: file.sizeBytes, groupBytesMax }
  const worker = new Worker(workerFile, {
    workerData,
    execArgv: [],
    resourceLimits: memoryFor(groupBytesMax),
  })
  const inbox = new Inbox(worker)
  const tell = (message: ToParquetWorker) => worker.postMessage(message)
  try {
    for (;;) {
      const message = await inbox.next()
      if (message.kind === 'read') {
        const bytes = await file.read(message.start, message.end)
        tell({ kind: 'bytes', id: message.id, bytes })
      } else if (message.kind === 'lines') {
        yield message.bytes
        tell({ kind: 'more' })
      } else if (message.kind === 'end') {
        if (message.binaryCells > 0) options.onNote(binaryNote(message.binaryCells))
        return
      } else throw parquetError(message, groupBytesMax)
    }
  } finally {
    await worker.terminate()
    await file.release()
  }
}

/** Decoded rows take several times the bytes of their group. */
const memoryFor = (groupBytesMax: number) => ({
  maxOldGenerationSizeMb: 256 + Math.ceil(groupBytesMax / 2 ** 20) * 4,
})

/** What the worker said, in order; its death is the last thing it says. */
class Inbox {
  private readonly messages: FromParquetWorker[] = []
  private ended: Error | null = null
  private wake = Promise.withResolvers<void>()

  constructor(worker: Worker) {
    worker.on('message', (message: FromParquetWorker) => {
      this.messages.push(message)
      this.wake.resolve()
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.ended = outOfMemory ? groupTooLarge('Its rows take more memory than they may.', error) : error
      this.wake.resolve()
    })
    worker.on('exit', () => {
      this.ended ??= new Error('The Parquet worker ended')
      this.wake.resolve()
    })
  }

  async next(): Promise<FromParquetWorker> {
    while (this.messages.length === 0) {
      if (this.ended) throw this.ended
      this.wake = Promise.withResolvers()
      await this.wake.promise
    }
    return this.messages.shift()!
  }
}
