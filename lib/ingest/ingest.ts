import type { ResumableIngestRun } from './checkpoint.ts'
import type { IngestOptions, IngestResult, IngestRun } from './ingest.types.ts'
import { ingestMembers, ingestPieces, type PiecesOptions } from './ingest-run.ts'
import { StoredObject } from './stored-object.ts'
import { WorkerPool } from './worker-pool.ts'

export type ResumptionOptions = Omit<PiecesOptions, 'stored'>

export interface IngestEngine {
  /** Starts when the stream is first read. What happens when, and which errors there are, says `IngestRun`. */
  ingest(source: AsyncIterable<Uint8Array>, options: IngestOptions): IngestRun
  /**
   * A file, or the rest of one behind a checkpoint, in pieces that can be taken up again. When the source is over,
   * `isPaused` tells whether the file is: if it is not, what was not cut into a block yet counts as not sent.
   */
  ingestResumably(
    source: AsyncIterable<Uint8Array>,
    options: IngestOptions,
    where: ResumptionOptions,
  ): ResumableIngestRun
  /** Stops the workers; runs that are under way fail. */
  close(): Promise<void>
}

export interface EngineOptions {
  workers?: number
  /** A `tokenizer.json` to count tokens with, instead of our own tokenizer. */
  tokenizerFile?: string | null
}

/** One engine serves a process: its worker threads start when they are needed and end when they are idle. */
export function createIngestEngine(options: EngineOptions = {}): IngestEngine {
  const pool = new WorkerPool(options.workers, options.tokenizerFile)
  return {
    ingest(source, options) {
      const settled = Promise.withResolvers<IngestResult>()
      // Whoever drains the stream sees the error there; not to look at `result` then is no crime.
      settled.promise.catch(() => {})
      return { stream: settling(ingestMembers(source, options, pool), settled), result: settled.promise }
    },
    async *ingestResumably(source, options, where) {
      const stored = await StoredObject.resumable(where.from?.object ?? null)
      return yield* ingestPieces(source, options, pool, { stored, ...where })
    },
    close: () => pool.close(),
  }
}

async function* settling(
  members: AsyncGenerator<Uint8Array, IngestResult>,
  settled: PromiseWithResolvers<IngestResult>,
): AsyncGenerator<Uint8Array> {
  try {
    settled.resolve(yield* members)
  } catch (error) {
    settled.reject(error)
    throw error
  } finally {
    // Without effect when it is settled: only a reader that left early gets here before.
    settled.reject(new Error('The stream was not read to its end'))
  }
}
